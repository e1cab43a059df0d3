import { useState } from 'react';
import { useForm } from '@/lib/form';
import { useT } from '@/lib/i18n';
import type { AgentDetail } from '@/api/types';
import { FormDialog, FormField, toast } from '@/ui';
import { publishAgent, useAgentsChanged } from './api';
import { messages } from './messages';

export function PublishDialog({ agent, onClose }: { agent: AgentDetail; onClose: () => void }) {
  const t = useT(messages);
  const changed = useAgentsChanged();
  // What somebody else saves meanwhile was not seen, and is not published with it.
  const [seen] = useState(agent.draft_revision);
  const form = useForm({
    initial: { note: '' },
    validate: () => ({}),
    submit: ({ note }) => publishAgent(agent.id, note.trim(), seen),
    onSuccess: async ({ version }) => {
      await changed();
      toast({ title: t('publishedNow', { version }) });
      onClose();
    },
  });
  return (
    <FormDialog form={form} size="sm" title={t('publish')} submit={t('publish')} onClose={onClose}>
      <p className="text-sm text-muted">{t('publishLead')}</p>
      <FormField form={form} name="note" label={t('note')} maxLength={1000} optional autoFocus />
    </FormDialog>
  );
}
