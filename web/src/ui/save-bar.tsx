import { ApiError } from '@/api/client';
import type { Form, Values } from '@/lib/form';
import { defineMessages, useT } from '@/lib/i18n';
import { Button } from './button';

const messages = defineMessages({
  en: { loadTheirs: 'Load their version', undoChanges: 'Undo changes' },
  fr: { loadTheirs: 'Charger sa version', undoChanges: 'Annuler les modifications' },
});

export interface SaveBarProps<V extends Values> {
  form: Form<V>;
  /** The id of the form element that the button submits. */
  formId: string;
  /** What is not saved yet, and that somebody else was faster. */
  unsaved: string;
  stale: string;
  /** The verb on the button: “Save draft”. */
  save: string;
  onRevert: () => void;
  /** Drops what was typed for what somebody else has saved. */
  onLoad: () => void;
}

const isStale = (error: unknown) => error instanceof ApiError && error.status === 412;

/** Under a long form as soon as something is typed: what is not saved, and the ways on. */
export function SaveBar<V extends Values>(props: SaveBarProps<V>) {
  const { form, formId, onRevert, onLoad } = props;
  const t = useT(messages);
  const stale = isStale(form.failure);
  if (!form.dirty && !stale) return null;
  const revert = () => {
    onRevert();
    // That somebody else was faster is true all the same.
    if (!stale) form.forgive();
  };
  return (
    <div
      data-testid="save-status"
      className="sticky bottom-0 z-10 mt-5 flex flex-wrap items-center gap-2 rounded-lg border border-line bg-raised px-4 py-3 shadow-card"
    >
      <p role="status" className="min-w-0 flex-1 basis-40 text-sm">
        {stale ? props.stale : props.unsaved}
      </p>
      {stale ? <Button onClick={onLoad}>{t('loadTheirs')}</Button> : null}
      <Button onClick={revert}>{t('undoChanges')}</Button>
      <Button type="submit" form={formId} variant="primary" loading={form.pending}>
        {props.save}
      </Button>
    </div>
  );
}
