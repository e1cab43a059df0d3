import { useT } from '@/lib/i18n';
import type { ChartKind } from '@/api/types';
import { Button, Field, Input, Select } from '@/ui';
import type { Row } from './describe';
import { messages } from './messages';
import { applyForm, FORM_MARKS, readForm, SORTS, type ChartForm } from './spec-form';
import type { ChartDraft } from './use-chart-edit';

interface EditFormProps {
  draft: ChartDraft;
  rows: readonly Row[];
  changed: boolean;
  kinds: readonly ChartKind[];
  onChange: (change: Partial<ChartDraft>) => void;
  onKind: (kind: ChartKind) => void;
  onReset: () => void;
}

/** Changes a chart at once and without a model. */
export default function EditForm(props: EditFormProps) {
  const t = useT(messages);
  return (
    <div className="border-b border-line bg-sunken px-4 py-3">
      {props.kinds.length > 1 && <Kinds kinds={props.kinds} onKind={props.onKind} />}
      <Fields {...props} />
      {props.changed && (
        <Button size="sm" variant="ghost" className="mt-2" onClick={props.onReset}>
          {t('reset')}
        </Button>
      )}
    </div>
  );
}

/** What the columns can be drawn as, one click each. */
function Kinds({ kinds, onKind }: Pick<EditFormProps, 'kinds' | 'onKind'>) {
  const t = useT(messages);
  return (
    <div role="group" aria-label={t('kind')} className="mb-3 flex flex-wrap gap-1.5">
      {kinds.map((kind) => (
        <Button key={kind} size="sm" onClick={() => onKind(kind)}>
          {t(`kind_${kind}`)}
        </Button>
      ))}
    </div>
  );
}

function Fields({ draft, rows, onChange }: EditFormProps) {
  const { spec, title } = draft;
  const t = useT(messages);
  const form = readForm(spec);
  if (!form) return <p className="text-sm text-muted">{t('notEditable')}</p>;
  const set = (change: Partial<ChartForm>) =>
    onChange({ spec: applyForm(spec, { ...form, ...change }, rows) });
  const columns = Object.keys(rows[0] ?? {}).map((name) => ({ value: name, label: name }));
  const pie = form.mark === 'arc';
  const marks = FORM_MARKS.map((mark) => ({ value: mark, label: t(`mark_${mark}`) }));
  const known = marks.some(({ value }) => value === form.mark);
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-3">
      <Field label={t('mark')}>
        {(control) => (
          <Select
            {...control}
            value={form.mark}
            options={
              known ? marks : ([...marks, { value: form.mark, label: form.mark }] as typeof marks)
            }
            onChange={(mark) => set({ mark })}
          />
        )}
      </Field>
      <Field label={t(pie ? 'slices' : 'x')}>
        {(control) => (
          <Select {...control} value={form.x} options={columns} onChange={(x) => set({ x })} />
        )}
      </Field>
      <Field label={t(pie ? 'size' : 'y')}>
        {(control) => (
          <Select {...control} value={form.y} options={columns} onChange={(y) => set({ y })} />
        )}
      </Field>
      {!pie && (
        <Field label={t('color')}>
          {(control) => (
            <Select
              {...control}
              value={form.color}
              options={[{ value: '', label: t('noColor') }, ...columns]}
              onChange={(color) => set({ color })}
            />
          )}
        </Field>
      )}
      <Field label={t('sort')}>
        {(control) => (
          <Select
            {...control}
            value={form.sort}
            options={SORTS.map((sort) => ({ value: sort, label: t(`sort_${sort || 'none'}`) }))}
            onChange={(sort) => set({ sort: SORTS.find((option) => option === sort) ?? '' })}
          />
        )}
      </Field>
      <Field label={t('title')}>
        {(control) => (
          <Input
            {...control}
            value={title}
            onChange={(event) => onChange({ title: event.target.value })}
          />
        )}
      </Field>
    </div>
  );
}
