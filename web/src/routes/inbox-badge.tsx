import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { countQuery } from '@/features/inbox/api';
import { useLive } from '@/features/runs/live-context';
import { LiveProvider } from './chats-live';

function Count() {
  const client = useQueryClient();
  const { link } = useLive();
  const count = useQuery(countQuery).data?.needs_me ?? 0;
  useEffect(
    () =>
      link.watchInbox(({ needs_me: needed, request }) => {
        client.setQueryData(countQuery.queryKey, { needs_me: needed });
        if (request !== null) void client.invalidateQueries({ queryKey: ['requests'] });
      }),
    [client, link],
  );
  if (count === 0) return null;
  return (
    <span className="nums ml-auto rounded-full bg-accent-solid px-1.5 text-xs leading-4 text-on-accent">
      {count}
    </span>
  );
}

/** How many requests need the person, live; the tab's one socket tells. */
export default function InboxBadge() {
  return (
    <LiveProvider>
      <Count />
    </LiveProvider>
  );
}
