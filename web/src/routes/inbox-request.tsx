import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { InboxDetail } from '@/api/types';
import { inboxMessages } from '@/features/inbox';
import { markRead, RequestBody, requestMessages, requestOptions } from '@/features/inbox/detail';
import { useT } from '@/lib/i18n';
import { ErrorPanel, Page, SkeletonRows } from '@/ui';
import { sqlField } from './inbox-sql';

const route = getRouteApi('/shell/inbox/$request');

/** Looking at a request is reading it. */
function useRead(request: InboxDetail | undefined) {
  const client = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: (id: string) => markRead(id, true),
    onSettled: () => client.invalidateQueries({ queryKey: ['requests'] }),
  });
  const id = request?.status === 'pending' && request.read_at === null ? request.id : null;
  useEffect(() => {
    if (id !== null) mutate(id);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once per request: marking it unread afterwards must hold
  }, [request?.id]);
}

const intentOf = (value: string | undefined) =>
  value === 'edit' || value === 'respond' ? value : null;

export function RequestPage() {
  const t = useT(requestMessages);
  const list = useT(inboxMessages);
  const { request: id } = route.useParams();
  const { do: wanted } = route.useSearch();
  const request = useQuery(requestOptions(id));
  useRead(request.data);
  const { data } = request;
  return (
    <Page
      width="reading"
      title={data?.title ?? (request.error ? t('notFound') : list('inbox'))}
      crumbs={[{ label: list('inbox'), to: '/inbox' }]}
      description={
        data ? t('number', { kind: list(`kind_${data.kind}`), number: data.number }) : null
      }
    >
      {request.error ? (
        <ErrorPanel error={request.error} onRetry={() => void request.refetch()} />
      ) : null}
      {request.isPending ? <SkeletonRows rows={6} label={t('loading')} /> : null}
      {data ? (
        <RequestBody key={id} request={data} sql={sqlField} intent={intentOf(wanted)} />
      ) : null}
    </Page>
  );
}
