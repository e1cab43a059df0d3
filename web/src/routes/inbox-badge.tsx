import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect } from 'react';
import { countQuery } from '@/features/inbox/api';
import { useLive } from '@/features/runs/live-context';
import { LiveProvider } from './chats-live';

/** Loaded when there is something to tell, and a browser that may. */
async function tellOf(request: string, open: (request: string) => void) {
  if (typeof Notification === 'undefined' || Notification.permission !== 'granted') return;
  const { tell } = await import('@/features/notifications/tell');
  await tell(request, open);
}

function Count() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const open = useCallback(
    (request: string) => void navigate({ to: '/inbox/$request', params: { request } }),
    [navigate],
  );
  const { link } = useLive();
  const count = useQuery(countQuery).data?.needs_me ?? 0;
  useEffect(
    () =>
      link.watchInbox(({ change, needs_me: needed, request }) => {
        client.setQueryData(countQuery.queryKey, { needs_me: needed });
        // Also where listening begins, or begins again: nobody told what changed before that.
        void client.invalidateQueries({ queryKey: ['requests'] });
        if (request !== null && change === 'created') void tellOf(request, open);
      }),
    [client, link, open],
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
