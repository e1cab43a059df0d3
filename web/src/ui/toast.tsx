import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { useT } from '@/lib/i18n';
import { createStore, useStore } from '@/lib/store';
import { Button, IconButton } from './button';
import { messages } from './messages';

export interface ToastInput {
  title: string;
  detail?: string;
  tone?: 'info' | 'success' | 'danger';
  action?: { label: string; run: () => void };
  /** Stays until dismissed; errors do by themselves. */
  sticky?: boolean;
}

interface Entry extends ToastInput {
  id: number;
}

const store = createStore<Entry[]>([]);
let last = 0;

/** Shows a short message in the corner; returns how to take it away. */
export function toast(input: ToastInput): () => void {
  last += 1;
  const id = last;
  store.set((shown) => [...shown.slice(-3), { ...input, id }]);
  return () => dismiss(id);
}

function dismiss(id: number) {
  store.set((shown) => shown.filter((entry) => entry.id !== id));
}

const ICONS: Record<NonNullable<ToastInput['tone']>, ReactNode> = {
  info: <Info aria-hidden className="mt-0.5 size-4 shrink-0 text-accent" />,
  success: <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-success" />,
  danger: <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />,
};

function ToastCard({ entry }: { entry: Entry }) {
  const t = useT(messages);
  const { id, tone = 'info', sticky = tone === 'danger', action } = entry;
  useEffect(() => {
    if (sticky) return undefined;
    const timer = window.setTimeout(() => dismiss(id), 6000);
    return () => window.clearTimeout(timer);
  }, [id, sticky]);
  return (
    <div className="flex w-full items-start gap-2.5 rounded-lg border border-line bg-raised p-3 shadow-overlay animate-fade">
      {ICONS[tone]}
      <div className="min-w-0 flex-1 text-sm">
        <p className="font-strong">{entry.title}</p>
        {entry.detail ? <p className="text-muted">{entry.detail}</p> : null}
      </div>
      {action ? (
        <Button
          size="sm"
          onClick={() => {
            action.run();
            dismiss(id);
          }}
        >
          {action.label}
        </Button>
      ) : null}
      <IconButton
        label={t('dismiss')}
        tooltip={false}
        size="sm"
        icon={<X aria-hidden className="size-4" />}
        onClick={() => dismiss(id)}
      />
    </div>
  );
}

/** Rendered once, by the app. */
export function Toaster() {
  const t = useT(messages);
  const shown = useStore(store);
  return (
    <section
      aria-label={t('notifications')}
      aria-live="polite"
      data-print="hide"
      className="pointer-events-none fixed right-4 bottom-4 z-50 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2 *:pointer-events-auto"
    >
      {shown.map((entry) => (
        <ToastCard key={entry.id} entry={entry} />
      ))}
    </section>
  );
}
