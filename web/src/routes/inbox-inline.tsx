import { useQuery } from '@tanstack/react-query';
import { RequestBody, requestMessages, requestOptions } from '@/features/inbox/detail';
import { useT } from '@/lib/i18n';
import { ErrorPanel, SkeletonRows } from '@/ui';
import { sqlField } from './inbox-sql';

/** A request inside a chat: the same parts as its page. */
export default function InlineRequest({ id }: { id: string }) {
  const t = useT(requestMessages);
  const request = useQuery(requestOptions(id));
  if (request.error) return <ErrorPanel error={request.error} title={t('notFound')} />;
  if (!request.data) return <SkeletonRows rows={3} label={t('loading')} />;
  return <RequestBody request={request.data} sql={sqlField} inline />;
}
