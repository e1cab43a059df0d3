import { useNewerVersion } from '@/api/newest-version';
import type { Chart } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button } from '@/ui';
import { cardMessages } from './card-messages';

/** Writes the answer again with the newest results; nothing where that cannot be. */
export type OnUpdate = (() => void) | null | undefined;

interface OutdatedProps {
  chart: Chart;
  onUpdate: OnUpdate;
}

/** Says that the query has been changed since the chart was drawn. */
export function Outdated({ chart, onUpdate }: OutdatedProps) {
  const t = useT(cardMessages);
  const { query_id: id, query_handle: query, query_version: version } = chart;
  const newer = useNewerVersion(id, version);
  if (!newer) return null;
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-2 bg-warning-soft px-4 py-1.5 text-sm text-warning"
    >
      {t('outdated', { query, version, newest: newer.version })}
      {onUpdate && (
        <Button size="sm" onClick={onUpdate}>
          {t('update')}
        </Button>
      )}
    </div>
  );
}
