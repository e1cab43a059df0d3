import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { agentsQuery } from '@/api/resources';
import { useForm } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { FormDialog, FormField, FormSelect } from '@/ui';
import { createAgent, useAgentsChanged } from './api';
import { messages } from './messages';

interface NewAgentProps {
  onClose: () => void;
  onMade: (id: string) => void;
}

export function NewAgent({ onClose, onMade }: NewAgentProps) {
  const t = useT(messages);
  const changed = useAgentsChanged();
  const agents = useQuery(agentsQuery).data?.data ?? [];
  // Agents that come after the dialog are nothing that was typed.
  const [first] = useState(agents[0]?.id ?? '');
  const open = useRef(true);
  useEffect(() => {
    open.current = true;
    return () => {
      open.current = false;
    };
  }, []);
  const form = useForm({
    initial: { name: '', copy_of_agent_id: first },
    validate: ({ name }) => (name.trim() === '' ? { name: t('needName') } : {}),
    submit: ({ name, copy_of_agent_id: copy }) =>
      createAgent({
        name: name.trim(),
        ...(copy === '' ? {} : { copy_of_agent_id: copy }),
      }),
    onSuccess: async ({ id }) => {
      await changed();
      // Who has closed the dialog meanwhile is elsewhere with their thoughts.
      if (open.current) onMade(id);
    },
  });
  return (
    <FormDialog form={form} size="sm" title={t('create')} submit={t('make')} onClose={onClose}>
      <p className="text-sm text-muted">{t('createLead')}</p>
      <FormField form={form} name="name" label={t('name')} maxLength={80} autoFocus />
      <FormSelect
        form={form}
        name="copy_of_agent_id"
        label={t('startFrom')}
        options={[
          ...agents.map(({ id, name }) => ({ value: id, label: name })),
          { value: '', label: t('blank') },
        ]}
      />
    </FormDialog>
  );
}
