import { useQuery, useQueryClient } from '@tanstack/react-query';
import { agentsQuery, sourcesQuery } from '@/api/resources';
import type { Agent } from '@/api/types';
import { defineMessages, useT } from '@/lib/i18n';
import { useForm } from '@/lib/form';
import { Button, Dialog, Form, FormArea, FormSelect } from '@/ui';
import { startRun } from './api';

const messages = defineMessages({
  en: {
    title: 'Run an agent in the background',
    lead: 'It goes on when you close the browser. What it needs or finds reaches your inbox.',
    agent: 'Agent',
    goal: 'Goal',
    goalHelp: 'What it is to reach, with all that it must know.',
    source: 'Source',
    every: 'Every source',
    needGoal: 'Say what the agent is to do.',
    try: 'Try one of these',
    start: 'Start',
    cancel: 'Cancel',
  },
  fr: {
    title: 'Exécuter un agent en arrière-plan',
    lead: 'L’exécution continue quand vous fermez le navigateur. Ce dont l’agent a besoin ou ce qu’il trouve arrive dans votre boîte de réception.',
    agent: 'Agent',
    goal: 'Objectif',
    goalHelp: 'Ce qu’il doit atteindre, avec tout ce qu’il doit savoir.',
    source: 'Source',
    every: 'Toutes les sources',
    needGoal: 'Dites ce que l’agent doit faire.',
    try: 'Essayez par exemple',
    start: 'Lancer',
    cancel: 'Annuler',
  },
});

interface StartRunProps {
  /** Chosen beforehand: on the agent's own page. */
  agent?: string;
  onClose: () => void;
  onStarted: (run: string) => void;
}

interface DialogProps extends Omit<StartRunProps, 'agent'> {
  agents: readonly Agent[];
  first: string;
}

const named = ({ id, name }: { id: string; name: string }) => ({ value: id, label: name });

/** Gives an agent a goal that it works on while nobody watches. */
export default function StartRun({ agent, ...props }: StartRunProps) {
  const { data, isPending } = useQuery(agentsQuery);
  if (isPending) return null;
  const ready = (data?.data ?? []).filter(({ published_version: version }) => version !== null);
  return <StartDialog {...props} agents={ready} first={agent ?? ready[0]?.id ?? ''} />;
}

function StartDialog({ agents, first, onClose, onStarted }: DialogProps) {
  const t = useT(messages);
  const client = useQueryClient();
  const sources = useQuery(sourcesQuery).data?.data ?? [];
  const form = useForm({
    initial: { agent_id: first, goal: '', source: '' },
    validate: ({ goal }) => (goal.trim() === '' ? { goal: t('needGoal') } : {}),
    submit: ({ agent_id: chosen, goal, source }) =>
      startRun({
        goal: goal.trim(),
        ...(chosen === '' ? {} : { agent_id: chosen }),
        ...(source === '' ? {} : { source_ids: [source] }),
      }),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ['runs'] });
      onStarted(id);
    },
  });
  const chosen = agents.find(({ id }) => id === form.values.agent_id);
  return (
    <Dialog
      open
      title={t('title')}
      description={t('lead')}
      dirty={form.dirty}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" form="start-run" variant="primary" loading={form.pending}>
            {t('start')}
          </Button>
        </>
      }
    >
      <Form form={form} id="start-run">
        <FormSelect form={form} name="agent_id" label={t('agent')} options={agents.map(named)} />
        <FormArea form={form} name="goal" label={t('goal')} help={t('goalHelp')} />
        <Starters
          label={t('try')}
          texts={form.values.goal === '' ? (chosen?.starters ?? []) : []}
          onPick={(text) => form.set('goal', text)}
        />
        <FormSelect
          form={form}
          name="source"
          label={t('source')}
          options={[{ value: '', label: t('every') }, ...sources.map(named)]}
        />
      </Form>
    </Dialog>
  );
}

interface StartersProps {
  label: string;
  texts: readonly string[];
  onPick: (text: string) => void;
}

function Starters({ label, texts, onPick }: StartersProps) {
  if (texts.length === 0) return null;
  return (
    <div className="flex flex-col items-start gap-1.5">
      <p className="text-xs text-subtle">{label}</p>
      {texts.map((text) => (
        <Button
          key={text}
          size="sm"
          className="max-w-full whitespace-normal!"
          onClick={() => onPick(text)}
        >
          {text}
        </Button>
      ))}
    </div>
  );
}
