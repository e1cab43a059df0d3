import { lazy, Suspense } from 'react';
import type { DocumentDetail } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, ErrorPanel, TextField } from '@/ui';
import { PlainCode } from '@/ui/code/plain-code';
import { messages } from './messages';
import type { DocumentDraft } from './use-edit';

const TextEditor = lazy(() => import('@/ui/code/text-editor'));

const HELP = { text: 'editText', code: 'editCode', sheet: 'editSheet' } as const;

interface EditFormProps {
  document: DocumentDetail;
  draft: DocumentDraft;
  /** Reads what is the newest by now. */
  onLoad: () => Promise<unknown>;
}

function SaveBar({ draft, onLoad }: Omit<EditFormProps, 'document'>) {
  const t = useT(messages);
  const { dirty, stale, save, revert, next } = draft;
  if (!dirty) return null;
  return (
    <div
      data-testid="save-status"
      className="sticky bottom-0 z-10 flex flex-wrap items-center gap-2 rounded-lg border border-line bg-raised px-4 py-3 shadow-card"
    >
      <p role="status" className="min-w-0 flex-1 basis-40 text-sm">
        {stale ? t('stale') : t('unsaved', { version: next })}
      </p>
      <Button onClick={() => (stale ? void onLoad().then(revert) : revert())}>
        {t(stale ? 'takeTheirs' : 'revert')}
      </Button>
      <Button
        variant="primary"
        loading={save.isPending}
        onClick={() => save.mutate({ over: stale })}
      >
        {t(stale ? 'keepMine' : 'save')}
      </Button>
    </div>
  );
}

/** Title and content as they are typed. */
export function EditForm({ document, draft, onLoad }: EditFormProps) {
  const t = useT(messages);
  const { kind, language, result } = document;
  return (
    <div className="flex flex-col gap-4">
      <TextField
        label={t('name')}
        value={draft.title}
        maxLength={200}
        onChange={(event) => draft.setTitle(event.target.value)}
      />
      {result === null ? (
        <div className="flex flex-col gap-1.5">
          <p className="text-sm text-muted">{t(HELP[kind])}</p>
          <div className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface">
            <Suspense
              fallback={<PlainCode text={draft.content} className="max-h-[65vh] min-h-64" />}
            >
              <TextEditor
                label={t('editor')}
                value={draft.content}
                language={language}
                onChange={draft.setContent}
              />
            </Suspense>
          </div>
        </div>
      ) : null}
      {draft.save.error && !draft.stale ? <ErrorPanel error={draft.save.error} /> : null}
      <SaveBar draft={draft} onLoad={onLoad} />
    </div>
  );
}
