import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Hand } from 'lucide-react';
import { lazy, Suspense, useEffect } from 'react';
import type { RequestData } from '@/api/parts';
import { chatMessages } from '@/features/chats';
import { useT } from '@/lib/i18n';
import { SkeletonRows } from '@/ui';

// Most answers ask nobody; the form of arguments comes when one does.
const InlineRequest = lazy(() => import('./inbox-inline'));

/** A request in the answer: decided here as on its own page. */
export function ChatRequest({ request }: { request: RequestData }) {
  const t = useT(chatMessages);
  const client = useQueryClient();
  const { id, status, revision } = request;
  // The log tells of a decision made elsewhere.
  useEffect(() => {
    void client.invalidateQueries({ queryKey: ['requests', id] });
  }, [client, id, status, revision]);
  return (
    <section
      aria-label={request.title}
      data-testid="request-card"
      data-state={status}
      className="flex max-w-[45rem] flex-col gap-3 rounded-lg border border-line bg-surface p-4 shadow-card"
    >
      <header className="flex items-start gap-2">
        <Hand aria-hidden className="mt-1 size-4 shrink-0 text-warning" />
        <h3 className="min-w-0 flex-1 break-words">{request.title}</h3>
        <Link
          to="/inbox/$request"
          params={{ request: id }}
          className="shrink-0 text-sm text-accent hover:underline"
        >
          {t('openRequest')}
        </Link>
      </header>
      <Suspense fallback={<SkeletonRows rows={3} label={request.title} />}>
        <InlineRequest id={id} />
      </Suspense>
    </section>
  );
}
