import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { MessagesSquare, Plus } from 'lucide-react';
import { sourcesQuery, useCan } from '@/api/resources';
import type { Thread } from '@/api/types';
import { chatMessages, threadsOptions } from '@/features/chats';
import { listMessages } from '@/features/chats/list-messages';
import { ThreadTable } from '@/features/chats/thread-table';
import { useT } from '@/lib/i18n';
import {
  buttonClass,
  EmptyState,
  ErrorPanel,
  MoreButton,
  Page,
  SearchInput,
  SkeletonRows,
} from '@/ui';

const route = getRouteApi('/shell/chats');

function Search({ q }: { q: string }) {
  const t = useT(listMessages);
  const navigate = useNavigate();
  const search = (text: string) =>
    void navigate({ to: '/chats', search: text === '' ? {} : { q: text }, replace: true });
  return <SearchInput label={t('searchChats')} value={q} onSearch={search} className="max-w-sm" />;
}

function NewChatLink() {
  const t = useT(chatMessages);
  const can = useCan();
  if (!can('thread:create')) return null;
  return (
    <Link to="/chats/new" className={buttonClass('primary')}>
      <Plus aria-hidden className="size-4" />
      {t('newChat')}
    </Link>
  );
}

function Nothing({ q }: { q: string }) {
  const t = useT(listMessages);
  if (q !== '')
    return <p className="py-8 text-center text-sm text-muted">{t('noMatches', { q })}</p>;
  return (
    <EmptyState
      icon={<MessagesSquare aria-hidden />}
      title={t('noChats')}
      actions={<NewChatLink />}
    >
      {t('noChatsBody')}
    </EmptyState>
  );
}

function Found({ q, threads }: { q: string; threads: readonly Thread[] }) {
  const sources = useQuery(sourcesQuery).data?.data ?? [];
  if (threads.length === 0) return <Nothing q={q} />;
  return <ThreadTable threads={threads} sources={sources} />;
}

export function ChatsPage() {
  const t = useT(chatMessages);
  const list = useT(listMessages);
  const { q = '' } = route.useSearch();
  const threads = useInfiniteQuery(threadsOptions(q));
  const found = threads.data?.pages.flatMap(({ data }) => data);
  return (
    <Page title={t('chats')} actions={<NewChatLink />}>
      <Search q={q} />
      {threads.error && (
        <ErrorPanel
          error={threads.error}
          title={list('listFailed')}
          onRetry={() => void threads.refetch()}
        />
      )}
      {threads.isPending && <SkeletonRows rows={6} label={t('loading')} />}
      {found && <Found q={q} threads={found} />}
      <MoreButton list={threads} label={list('more')} />
    </Page>
  );
}
