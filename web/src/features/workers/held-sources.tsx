import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Check, Database } from 'lucide-react';
import { sourcesQuery, useCan } from '@/api/resources';
import type { HeldSource, Source } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, Chip, ErrorPanel } from '@/ui';
import { addHeldSource } from './api';
import { messages } from './messages';

const isKnown = (held: HeldSource, sources: Source[]) =>
  sources.some(({ worker_source: name, engine }) => name === held.name && engine === held.engine);

function HeldRow({ held, known }: { held: HeldSource; known: boolean }) {
  const t = useT(messages);
  const can = useCan();
  const queryClient = useQueryClient();
  const adding = useMutation({
    mutationFn: () => addHeldSource(held),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['sources'] }),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1.5 py-1.5">
      <Database aria-hidden className="size-4 shrink-0 text-subtle" />
      <span className="min-w-0 flex-1 text-sm break-words">
        {held.name} <span className="text-xs text-subtle">{t('engine', { id: held.engine })}</span>
      </span>
      {known ? (
        <Chip tone="success" icon={<Check aria-hidden />}>
          {t('known')}
        </Chip>
      ) : null}
      {!known && can('source:create') ? (
        <Button
          size="sm"
          aria-label={t('addSource', { name: held.name })}
          loading={adding.isPending}
          onClick={() => adding.mutate()}
        >
          {t('addShort')}
        </Button>
      ) : null}
      {adding.error ? <ErrorPanel error={adding.error} /> : null}
    </li>
  );
}

/** What only this worker can read; adding one stores its name here and nothing else. */
export function HeldSources({ held }: { held: HeldSource[] }) {
  const t = useT(messages);
  const sources = useQuery(sourcesQuery);
  return (
    <section className="rounded-md bg-sunken px-3 py-2">
      <h3 className="text-sm font-strong">{t('holds')}</h3>
      <p className="text-xs text-muted">{t('holdsNote')}</p>
      <ul className="divide-y divide-line">
        {held.map((source) => (
          <HeldRow
            key={`${source.engine}/${source.name}`}
            held={source}
            known={isKnown(source, sources.data?.data ?? [])}
          />
        ))}
      </ul>
    </section>
  );
}
