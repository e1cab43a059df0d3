import type { RequestAction } from '@/api/types';
import { useT } from '@/lib/i18n';
import { messages } from './detail-messages';
import { HttpPreview, isHttp } from './http-preview';
import { Block, shownText } from './preview-block';
import { PreviewRows } from './preview-rows';
import { isObject, words } from './schema-fields';
import { isWrite, WritePreview } from './write-preview';

type Json = Record<string, unknown>;

const cell = (value: unknown) => (value === null ? 'NULL' : shownText(value));

/** Column names as the server gives them: plain, or with a type. */
const names = (columns: unknown): string[] =>
  Array.isArray(columns)
    ? columns.map((column: unknown) => (isObject(column) ? String(column.name) : String(column)))
    : [];

function RowTable({ label, columns, rows }: { label: string; columns: unknown; rows: unknown }) {
  const heads = names(columns);
  if (!Array.isArray(rows) || rows.length === 0 || heads.length === 0) return null;
  const cells = (row: unknown): unknown[] =>
    Array.isArray(row) ? row : heads.map((name) => (isObject(row) ? row[name] : row));
  return (
    <PreviewRows label={label} columns={heads} rows={rows.map((row) => cells(row).map(cell))} />
  );
}

interface PreviewProps {
  preview: Json | null;
  actions: readonly RequestAction[];
  /** Nobody has decided yet: it is still to come. */
  pending: boolean;
}

const KNOWN = new Set([
  'kind',
  'statement',
  'sql',
  'plan',
  'estimated_rows',
  'columns',
  'rows',
  'before',
  'after',
  'note',
]);

/** What each action would do; of several, each under the action's name. */
export function Preview({ preview, actions, pending }: PreviewProps) {
  const t = useT(messages);
  if (preview === null) return null;
  const each = isObject(preview.actions) ? Object.entries(preview.actions) : null;
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-title-sm">{t(pending ? 'preview' : 'proposed')}</h2>
      {each === null ? <OnePreview preview={preview} /> : null}
      {each?.map(([id, one]) => (
        <div key={id} className="flex flex-col gap-2">
          {each.length > 1 ? (
            <h3 className="text-sm font-strong">
              {actions.find((action) => action.id === id)?.title ?? id}
            </h3>
          ) : null}
          {isObject(one) ? <OnePreview preview={one} /> : null}
        </div>
      ))}
    </section>
  );
}

/** One action: a write, a request to another host; of others, all fields. */
export function OnePreview({ preview }: { preview: Json }) {
  if (isWrite(preview)) return <WritePreview preview={preview} />;
  return isHttp(preview) ? <HttpPreview preview={preview} /> : <AnyPreview preview={preview} />;
}

function AnyPreview({ preview }: { preview: Json }) {
  const t = useT(messages);
  const { plan, columns, note } = preview;
  const estimated = preview.estimated_rows;
  const rest = Object.entries(preview).filter(([name]) => !KNOWN.has(name));
  return (
    <div className="flex flex-col gap-3">
      {typeof note === 'string' && note !== '' ? (
        <p className="text-sm text-muted">{note}</p>
      ) : null}
      <Block label={t('statement')} value={preview.statement ?? preview.sql} />
      {typeof estimated === 'number' ? (
        <p className="text-sm font-strong">{t('estimated', { count: estimated })}</p>
      ) : null}
      <RowTable label={t('affected')} columns={columns} rows={preview.rows} />
      <RowTable label={t('before')} columns={columns} rows={preview.before} />
      <RowTable label={t('after')} columns={columns} rows={preview.after} />
      <Block label={t('plan')} value={plan} />
      {rest.map(([name, value]) => (
        <Block key={name} label={words(name)} value={value} />
      ))}
    </div>
  );
}
