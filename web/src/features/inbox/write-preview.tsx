import { useT } from '@/lib/i18n';
import { messages } from './detail-messages';
import { PreviewRows } from './preview-rows';
import { isObject } from './schema-fields';

type Json = Record<string, unknown>;

const NULL = 'NULL';

function text(value: unknown): string {
  if (value === null || value === undefined) return NULL;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as readonly unknown[]) : [];

const same = (before: unknown, after: unknown) =>
  JSON.stringify(before ?? null) === JSON.stringify(after ?? null);

function Value({ value }: { value: unknown }) {
  if (value === null || value === undefined) return <em className="text-subtle">{NULL}</em>;
  return <>{text(value)}</>;
}

/** A cell as it is, or what it was and what it becomes. */
function Cell({ before, after }: { before: unknown; after: unknown }) {
  if (same(before, after)) return <Value value={before} />;
  return (
    <span className="inline-flex gap-x-1.5">
      <del className="rounded-sm bg-danger-soft px-1 text-danger">{text(before)}</del>
      <ins className="rounded-sm bg-success-soft px-1 text-success no-underline">{text(after)}</ins>
    </span>
  );
}

function Count({ preview }: { preview: Json }) {
  const t = useT(messages);
  const count = preview.estimated_rows;
  if (typeof count !== 'number') return null;
  return (
    <p className="text-sm font-strong">
      {t(preview.exact === true ? 'exactly' : 'estimated', { count })}
    </p>
  );
}

/** What changes stands beside the first column, which mostly names the row: a phone shows no more. */
function columnOrder(count: number, before: readonly unknown[], after: readonly unknown[]) {
  const all = Array.from({ length: count }, (_, at) => at);
  const changes = (at: number) =>
    before.some((row, index) => !same(list(row)[at], list(after[index])[at]));
  const rest = all.slice(1);
  return [...all.slice(0, 1), ...rest.filter(changes), ...rest.filter((at) => !changes(at))];
}

interface WriteProps {
  preview: Json;
  /** Without the rows. */
  brief?: boolean;
}

/** A write before it is made: the statement, how many rows, and the first of them as a diff. */
export function WritePreview({ preview, brief = false }: WriteProps) {
  const t = useT(messages);
  const columns = list(preview.columns).map(String);
  const before = list(preview.before);
  const rows = list(preview.rows);
  const shown = before.length > 0 ? before : rows;
  const after = before.length > 0 ? list(preview.after) : rows;
  const order = columnOrder(columns.length, shown, after);
  const label = t(preview.verb === 'INSERT' ? 'newRows' : 'affected');
  const notes = [preview.note, preview.rows_note].filter((one) => typeof one === 'string');
  return (
    <div className="flex flex-col gap-3" data-testid="write-preview">
      <pre
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls takes focus
        tabIndex={0}
        aria-label={t('statement')}
        className="max-h-72 overflow-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs break-words whitespace-pre-wrap"
      >
        {text(preview.statement)}
      </pre>
      {notes.map((note) => (
        <p key={note} className="text-sm text-warning">
          {note}
        </p>
      ))}
      <Count preview={preview} />
      {shown.length > 0 && columns.length > 0 && !brief ? (
        <div className="flex flex-col gap-1">
          <PreviewRows
            label={label}
            columns={order.map((at) => columns[at] ?? '')}
            rows={shown.map((row, index) =>
              order.map((at) => (
                <Cell key={at} before={list(row)[at]} after={list(after[index])[at]} />
              )),
            )}
          />
          {preview.truncated === true ? (
            <p className="text-xs text-subtle">{t('moreRows')}</p>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

export const isWrite = (preview: unknown): preview is Json =>
  isObject(preview) && preview.kind === 'sql_write';
