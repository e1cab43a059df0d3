import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Archive, ArchiveRestore, Copy, Ellipsis, Undo2 } from 'lucide-react';
import { useState } from 'react';
import type { AgentDetail } from '@/api/types';
import {
  agentYaml,
  archiveAgent,
  discardDraft,
  messages,
  patchAgent,
  useAgentsChanged,
} from '@/features/agents';
import { copyText } from '@/lib/clipboard';
import { useT } from '@/lib/i18n';
import { Confirm, ErrorPanel, IconButton, Menu, MenuItem, toast } from '@/ui';

interface AgentActionsProps {
  agent: AgentDetail;
  manage: boolean;
  /** The draft is what is published again; what was typed on the old one goes with it. */
  onDiscarded: () => Promise<void>;
}

function useCopyYaml(agent: string) {
  const t = useT(messages);
  return async () => {
    const copied = await copyText(await agentYaml(agent)).catch(() => false);
    toast(copied ? { title: t('copied') } : { title: t('copyFailed'), tone: 'danger' });
  };
}

export function AgentActions({ agent, manage, onDiscarded }: AgentActionsProps) {
  const t = useT(messages);
  const navigate = useNavigate();
  const changed = useAgentsChanged();
  const copy = useCopyYaml(agent.id);
  const [asking, setAsking] = useState<'archive' | 'discard' | null>(null);
  const revive = useMutation({
    mutationFn: () => patchAgent(agent.id, { archived: false }),
    onSuccess: changed,
  });
  const archived = agent.archived_at !== null;
  const close = () => setAsking(null);
  return (
    <>
      <Menu
        label={t('actions')}
        trigger={
          <IconButton label={t('actions')} icon={<Ellipsis aria-hidden className="size-4" />} />
        }
      >
        <MenuItem icon={<Copy aria-hidden className="size-4" />} onSelect={() => void copy()}>
          {t('copyYaml')}
        </MenuItem>
        {manage && agent.published !== null && agent.has_changes ? (
          <MenuItem
            icon={<Undo2 aria-hidden className="size-4" />}
            onSelect={() => setAsking('discard')}
          >
            {t('discard')}
          </MenuItem>
        ) : null}
        {manage && archived ? (
          <MenuItem
            icon={<ArchiveRestore aria-hidden className="size-4" />}
            onSelect={() => revive.mutate()}
          >
            {t('unarchive')}
          </MenuItem>
        ) : null}
        {manage && !archived && !agent.builtin ? (
          <MenuItem
            danger
            icon={<Archive aria-hidden className="size-4" />}
            onSelect={() => setAsking('archive')}
          >
            {t('archive')}
          </MenuItem>
        ) : null}
      </Menu>
      {revive.error ? (
        <div className="basis-full">
          <ErrorPanel error={revive.error} />
        </div>
      ) : null}
      <Confirm
        open={asking === 'discard'}
        title={t('discard')}
        action={t('discard')}
        onClose={close}
        onConfirm={async () => {
          await discardDraft(agent.id);
          await onDiscarded();
        }}
      >
        {t('discardBody')}
      </Confirm>
      <Confirm
        open={asking === 'archive'}
        title={t('archive')}
        action={t('archive')}
        onClose={close}
        onConfirm={async () => {
          await archiveAgent(agent.id);
          await changed();
          await navigate({ to: '/agents' });
        }}
      >
        {t('archiveBody')}
      </Confirm>
    </>
  );
}
