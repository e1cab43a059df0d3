import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Archive, BadgeCheck, CircleAlert, Ellipsis, RefreshCw, Undo2 } from 'lucide-react';
import { useState } from 'react';
import type { DefinitionDetail } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, Confirm, ErrorPanel, IconButton, Menu, MenuItem, TextField, toast } from '@/ui';
import {
  archiveDefinition,
  certifyDefinition,
  checkDefinition,
  definitionQuery,
  lapseDefinition,
  useDefinitionsChanged,
} from './api';
import { messages } from './messages';

const ICON = 'size-4';

/** Why it may not be relied on, in words. */
export function StandingNotice({ definition }: { definition: DefinitionDetail }) {
  const t = useT(messages);
  const { lapsed, check } = definition;
  const failed = check !== null && check.ok !== true;
  if (lapsed === null && !failed) return null;
  const title = lapsed ? t('lapsedTitle') : t(check?.ok === false ? 'checkFailed' : 'checkUnknown');
  return (
    <div
      role="status"
      data-testid="standing"
      className="flex gap-2 rounded-lg bg-warning-soft px-4 py-3 text-sm text-warning"
    >
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <p className="min-w-0 break-words">
        <span className="font-strong">{title}.</span> {lapsed?.detail ?? check?.message}
      </p>
    </div>
  );
}

interface StandingProps {
  definition: DefinitionDetail;
  steward: boolean;
  editable: boolean;
  dirty: boolean;
  onArchived: () => void;
}

/** Certify, check, take back, archive. */
export function StandingActions(props: StandingProps) {
  const { definition, steward, editable, dirty, onArchived } = props;
  const t = useT(messages);
  const client = useQueryClient();
  const changed = useDefinitionsChanged();
  const [asking, setAsking] = useState<'lapse' | 'archive' | null>(null);
  const [reason, setReason] = useState('');
  const taken = async (now: DefinitionDetail) => {
    client.setQueryData(definitionQuery(now.id).queryKey, now);
    await changed();
  };
  const certify = useMutation({
    mutationFn: () => certifyDefinition(definition),
    onSuccess: async (now) => {
      await taken(now);
      toast({ title: t('certifiedNow', { name: now.name }) });
    },
  });
  const check = useMutation({
    mutationFn: () => checkDefinition(definition),
    onSuccess: async (now) => {
      await taken(now);
      if (now.check?.ok === true) toast({ title: t('checkedNow') });
    },
  });
  // What is asked for next takes the place of what was said about the last.
  const ask = (what: 'certify' | 'check') => {
    certify.reset();
    check.reset();
    (what === 'certify' ? certify : check).mutate();
  };
  const error = certify.error ?? check.error;
  return (
    <>
      {steward && definition.status !== 'certified' ? (
        <Button
          variant="primary"
          icon={<BadgeCheck aria-hidden className={ICON} />}
          loading={certify.isPending}
          blocked={dirty ? t('saveFirst') : null}
          onClick={() => ask('certify')}
        >
          {t('certify')}
        </Button>
      ) : null}
      {editable ? (
        <Button
          icon={<RefreshCw aria-hidden className={ICON} />}
          loading={check.isPending}
          onClick={() => ask('check')}
        >
          {t('check')}
        </Button>
      ) : null}
      {editable ? (
        <Menu
          label={t('actions')}
          trigger={
            <IconButton label={t('actions')} icon={<Ellipsis aria-hidden className={ICON} />} />
          }
        >
          {steward && definition.status !== 'lapsed' ? (
            <MenuItem
              icon={<Undo2 aria-hidden className={ICON} />}
              onSelect={() => setAsking('lapse')}
            >
              {t('lapse')}…
            </MenuItem>
          ) : null}
          <MenuItem
            danger
            icon={<Archive aria-hidden className={ICON} />}
            onSelect={() => setAsking('archive')}
          >
            {t('archive')}…
          </MenuItem>
        </Menu>
      ) : null}
      {error ? (
        <div className="basis-full">
          <ErrorPanel error={error} />
        </div>
      ) : null}
      <Confirm
        open={asking === 'lapse'}
        title={`${t('lapse')}: ${definition.name}`}
        action={t('lapse')}
        onClose={() => {
          setAsking(null);
          setReason('');
        }}
        onConfirm={async () => taken(await lapseDefinition(definition.id, reason.trim()))}
      >
        <p>{t('lapseLead')}</p>
        <TextField
          label={t('lapseReason')}
          maxLength={500}
          optional
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </Confirm>
      <Confirm
        open={asking === 'archive'}
        title={`${t('archive')}: ${definition.name}`}
        action={t('archive')}
        onClose={() => setAsking(null)}
        onConfirm={async () => {
          await archiveDefinition(definition.id);
          await changed();
          onArchived();
        }}
      >
        <p>{t('archiveLead')}</p>
      </Confirm>
    </>
  );
}
