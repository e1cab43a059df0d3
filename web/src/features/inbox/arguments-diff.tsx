import { useT } from '@/lib/i18n';
import { messages } from './detail-messages';
import type { ArgField, Change } from './schema-fields';

function Shown({ value, tone }: { value: unknown; tone: string }) {
  const t = useT(messages);
  if (value === undefined) return <span className="text-subtle">{t('empty')}</span>;
  return (
    <span
      className={`block rounded-sm px-1.5 font-mono text-xs break-words whitespace-pre-wrap ${tone}`}
    >
      {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
    </span>
  );
}

interface DiffProps {
  changed: readonly Change[];
  /** For the names of the arguments. */
  fields: readonly ArgField[] | null;
  label: string;
}

/** The original beside what it became, leaf by leaf. */
export function ArgumentsDiff({ changed, fields, label }: DiffProps) {
  const t = useT(messages);
  if (changed.length === 0) return null;
  const named = (path: string) => fields?.find(({ name }) => name === path)?.label ?? path;
  return (
    <section className="flex flex-col gap-1.5 rounded-md border border-line p-3">
      <h3 className="text-xs text-subtle">{label}</h3>
      <div className="overflow-x-auto">
        <table className="w-full border-collapse text-sm">
          <thead className="sr-only">
            <tr>
              <th scope="col">{t('argument')}</th>
              <th scope="col">{t('before')}</th>
              <th scope="col">{t('after')}</th>
            </tr>
          </thead>
          <tbody>
            {changed.map(({ path, before, after }) => (
              <tr key={path} className="align-top">
                <th scope="row" className="pr-3 text-left text-xs font-normal text-muted">
                  {named(path) || t('arguments')}
                </th>
                <td className="w-1/2 py-0.5 pr-2">
                  <Shown value={before} tone="bg-danger-soft text-danger line-through" />
                </td>
                <td className="w-1/2 py-0.5">
                  <Shown value={after} tone="bg-success-soft text-success" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
