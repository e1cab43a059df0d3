import { useNewerVersion } from '@/api/newest-version';
import type { DocumentDetail } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button } from '@/ui';
import { messages } from './messages';

interface Used {
  id: string;
  query: string;
  version: number;
}

/** The results that a document's figures and rows are of, each query once in its oldest version. */
function usedBy({ figures, result }: DocumentDetail): Used[] {
  const found = new Map<string, Used>();
  const add = (id: string, query: string, version: number) => {
    const known = found.get(id);
    if (!known || version < known.version) found.set(id, { id, query, version });
  };
  for (const { cells } of figures)
    for (const { query_id: id, query, version } of cells) if (id !== null) add(id, query, version);
  if (result !== null) {
    const [query = '', version] = result.reference.split('.v');
    add(result.query_id, query, Number(version));
  }
  return [...found.values()];
}

interface OlderProps {
  document: DocumentDetail;
  /** Writes the answer again with the newest results; null where that cannot be. */
  onUpdate: (() => void) | null;
}

const LOOK =
  'flex flex-wrap items-center gap-2 rounded-sm bg-warning-soft px-3 py-1.5 text-sm text-warning';

function Older({ id, query, version, onUpdate }: Used & Pick<OlderProps, 'onUpdate'>) {
  const t = useT(messages);
  const newer = useNewerVersion(id, version);
  if (!newer) return null;
  return (
    <div role="status" className={LOOK}>
      {t('olderNumbers', { query, version, newest: newer.version })}
      {onUpdate && (
        <Button size="sm" onClick={onUpdate}>
          {t('updateAnswer')}
        </Button>
      )}
    </div>
  );
}

/** That a document's numbers are of earlier results, or where they came from when it was renewed. */
export function OlderNumbers({ document, onUpdate }: OlderProps) {
  const t = useT(messages);
  const { outdated, renewed_from: from } = document;
  return (
    <>
      {outdated ? (
        <p role="note" className={LOOK}>
          {t('outdated')}
        </p>
      ) : null}
      {from === null || outdated ? null : (
        <p role="note" className="text-sm text-muted">
          {t('renewed', { version: from })}
        </p>
      )}
      {usedBy(document).map((used) => (
        <Older key={used.id} {...used} onUpdate={onUpdate} />
      ))}
    </>
  );
}
