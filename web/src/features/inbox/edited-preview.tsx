import { useMutation } from '@tanstack/react-query';
import type { InboxDetail, RequestAction } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, ErrorPanel } from '@/ui';
import { previewEdited, type EditedLook } from './api';
import { destroyMessages } from './destroy-messages';
import { messages } from './detail-messages';
import { RiskChip } from './looks';
import { OnePreview } from './preview';

export interface EditedPreviewProps {
  request: InboxDetail;
  action: RequestAction;
  args: unknown;
  valid: boolean;
}

/** Says before it is approved that the edited call destroys, and how many people it takes. */
function Destroys({ found }: { found: EditedLook }) {
  const t = useT(destroyMessages);
  if (found.risk !== 'destructive') return null;
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
      <RiskChip risk={found.risk} />
      <span className="text-danger">{t('editDestroys')}</span>
      {found.requires > 1 ? <span>{t('needsPeople', { count: found.requires })}</span> : null}
    </p>
  );
}

/** What the call would do as it was edited; asked for by hand, because it reads the source. */
export function EditedPreview({ request, action, args, valid }: EditedPreviewProps) {
  const t = useT(messages);
  const key = JSON.stringify(args ?? null);
  const look = useMutation({
    mutationFn: async (wanted: string) => ({
      wanted,
      found: await previewEdited(request.id, action.id, args),
    }),
  });
  const { data } = look;
  const found = data?.wanted === key ? data.found : null;
  return (
    <section className="flex flex-col gap-3 rounded-lg border border-line p-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="text-title-sm">{t('editedPreview')}</h2>
        <Button
          size="sm"
          disabled={!valid}
          loading={look.isPending}
          onClick={() => look.mutate(key)}
        >
          {t('showEdited')}
        </Button>
      </div>
      {look.error ? <ErrorPanel error={look.error} /> : null}
      <div role="status" className="flex flex-col gap-3">
        {found?.refused ? (
          <p className="text-sm text-danger">
            {found.refused} {found.hint}
          </p>
        ) : null}
        {found ? <Destroys found={found} /> : null}
        {found?.preview ? <OnePreview preview={found.preview} /> : null}
      </div>
    </section>
  );
}
