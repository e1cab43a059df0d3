import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import type { ApprovalRule, InboxDetail, RuleProposal } from '@/api/types';
import { defineMessages, useT } from '@/lib/i18n';
import { Button, Dialog, Select, SkeletonRows, TextField, toast } from '@/ui';

const messages = defineMessages({
  en: {
    title: 'Always allow this?',
    lead: 'Calls that this rule covers exactly are made without asking. Everything else is still asked about.',
    action: 'Action',
    agent: 'Agent',
    tool: 'Tool',
    verb: 'Statement',
    table: 'Table',
    columns: 'Columns it may set',
    allColumns: 'all columns',
    reads: 'Other tables it may read',
    source: 'Source',
    method: 'Method',
    host: 'Host',
    hostNote: 'any path and body',
    rows: 'Most rows of one call',
    rowsHelp: 'A call that would change more is asked about; one that does is undone.',
    after: 'Also once the agent has read data, files or answers from outside',
    afterHelp: 'What it has read may have told it what to send there.',
    ends: 'It ends when you lose the right to approve this, when the tool or the source changes, or when somebody deletes it on the page of the agent. It never covers what destroys data.',
    save: 'Save rule',
    cancel: 'Cancel',
    saved: 'Rule {number} is saved',
    savedDetail: 'This request still waits for your decision.',
    loading: 'Reading the call',
    none: 'none',
  },
  fr: {
    title: 'Toujours permettre cela ?',
    lead: 'Les appels que cette règle couvre exactement se font sans demander. Tout le reste est encore demandé.',
    action: 'Action',
    agent: 'Agent',
    tool: 'Outil',
    verb: 'Instruction',
    table: 'Table',
    columns: 'Colonnes qu’il peut modifier',
    allColumns: 'toutes les colonnes',
    reads: 'Autres tables qu’il peut lire',
    source: 'Source',
    method: 'Méthode',
    host: 'Hôte',
    hostNote: 'tout chemin et tout contenu',
    rows: 'Nombre maximal de lignes par appel',
    rowsHelp: 'Un appel qui en modifierait plus est demandé ; s’il le fait, il est annulé.',
    after: 'Aussi après que l’agent a lu des données, des fichiers ou des réponses de l’extérieur',
    afterHelp: 'Ce qu’il a lu a pu lui dicter ce qu’il y envoie.',
    ends: 'Elle prend fin quand vous perdez le droit d’approuver cela, quand l’outil ou la source change, ou quand quelqu’un la supprime sur la page de l’agent. Elle ne couvre jamais ce qui détruit des données.',
    save: 'Enregistrer la règle',
    cancel: 'Annuler',
    saved: 'La règle {number} est enregistrée',
    savedDetail: 'Cette demande attend toujours votre décision.',
    loading: 'Lecture de l’appel',
    none: 'aucune',
  },
});

function useRule(request: InboxDetail, action: string, onSaved: () => void) {
  const t = useT(messages);
  const client = useQueryClient();
  const path = `/requests/${request.id}/rule`;
  const proposal = useQuery({
    queryKey: ['requests', request.id, 'rule', action],
    queryFn: ({ signal }) =>
      api.get<RuleProposal>(`/requests/${request.id}/rule`, {
        query: { action_id: action },
        signal,
      }),
    retry: false,
  });
  const save = useMutation({
    mutationFn: (body: object) => api.post<ApprovalRule>(path, { action_id: action, ...body }),
    onSuccess: async ({ number }) => {
      toast({ title: t('saved', { number }), detail: t('savedDetail') });
      onSaved();
      await client.invalidateQueries({ queryKey: ['agents', request.agent?.id, 'rules'] });
    },
  });
  return { proposal, save };
}

/** A line per fact; what a rule of this kind does not name is left out. */
function Line({ label, value }: { label: string; value: string | null | undefined }) {
  if (!value) return null;
  return (
    <>
      <dt className="text-subtle">{label}</dt>
      <dd className="min-w-0 break-words">{value}</dd>
    </>
  );
}

function Terms({ rule }: { rule: RuleProposal }) {
  const t = useT(messages);
  const { exact, within, source } = rule;
  const names = (found: string[] | undefined) => {
    if (!found) return null;
    return found.includes('*') ? t('allColumns') : found.join(', ') || t('none');
  };
  return (
    <dl className="grid grid-cols-[minmax(7rem,auto)_1fr] gap-x-4 gap-y-1.5 text-sm">
      <Line label={t('agent')} value={rule.agent.name} />
      <Line label={t('tool')} value={rule.title} />
      <Line label={t('source')} value={source?.name} />
      <Line label={t('verb')} value={exact.verb} />
      <Line label={t('table')} value={exact.table} />
      <Line label={t('columns')} value={exact.verb === 'DELETE' ? null : names(within.columns)} />
      <Line label={t('reads')} value={names(within.reads)} />
      <Line label={t('method')} value={exact.method} />
      <Line label={t('host')} value={exact.host ? `${exact.host} (${t('hostNote')})` : null} />
    </dl>
  );
}

/** What whoever saves the rule adds to it. */
interface Chosen {
  /** As typed; null for the rows of the shown call. */
  rows: string | null;
  after: boolean;
}

interface FormProps {
  rule: RuleProposal;
  chosen: Chosen;
  onChange: (chosen: Chosen) => void;
}

const rowsOf = (rule: RuleProposal, { rows }: Chosen) =>
  rows ?? String(Math.max(1, rule.rows ?? 1));
const fits = (rule: RuleProposal, chosen: Chosen) =>
  rule.rows === null || /^[1-9]\d{0,5}$/.test(rowsOf(rule, chosen));

function RuleForm({ rule, chosen, onChange }: FormProps) {
  const t = useT(messages);
  return (
    <>
      <Terms rule={rule} />
      {rule.rows === null ? null : (
        <TextField
          label={t('rows')}
          help={t('rowsHelp')}
          inputMode="numeric"
          className="max-w-60"
          value={rowsOf(rule, chosen)}
          aria-invalid={fits(rule, chosen) ? undefined : true}
          onChange={({ target }) => onChange({ ...chosen, rows: target.value })}
        />
      )}
      {rule.asks_after_reading ? (
        <label className="flex items-start gap-2 text-sm">
          <input
            type="checkbox"
            className="mt-0.5"
            checked={chosen.after}
            onChange={({ target }) => onChange({ ...chosen, after: target.checked })}
          />
          <span>
            {t('after')}
            <span className="block text-xs text-subtle">{t('afterHelp')}</span>
          </span>
        </label>
      ) : null}
      <p className="text-xs text-subtle">{t('ends')}</p>
    </>
  );
}

interface AlwaysAllowProps {
  request: InboxDetail;
  onClose: () => void;
}

/** Shows the exact rule that would let calls like this one go on without asking, and saves it. */
export default function AlwaysAllow({ request, onClose }: AlwaysAllowProps) {
  const t = useT(messages);
  const calls = request.actions.filter(({ tool_call_id: id }) => id !== null);
  const [action, setAction] = useState(calls[0]?.id ?? '');
  const [chosen, setChosen] = useState<Chosen>({ rows: null, after: false });
  const { proposal, save } = useRule(request, action, onClose);
  const rule = proposal.data;
  const submit = (found: RuleProposal) => {
    const rows = found.rows === null ? {} : { max_rows: Number(rowsOf(found, chosen)) };
    save.mutate({ ...rows, after_reading: chosen.after });
  };
  const error = proposal.error ?? save.error;
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('title')}
      description={t('lead')}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button
            variant="primary"
            disabled={!rule || !fits(rule, chosen)}
            loading={save.isPending}
            onClick={() => {
              if (rule) submit(rule);
            }}
          >
            {t('save')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {calls.length > 1 ? (
          <Select
            aria-label={t('action')}
            value={action}
            options={calls.map(({ id, title, name }) => ({
              value: id,
              label: `${id}: ${title ?? name}`,
            }))}
            onChange={setAction}
          />
        ) : null}
        {error ? (
          <p role="alert" className="rounded-md bg-sunken px-3 py-2 text-sm">
            {error.message}
          </p>
        ) : null}
        {proposal.isPending ? <SkeletonRows rows={4} label={t('loading')} /> : null}
        {rule ? <RuleForm rule={rule} chosen={chosen} onChange={setChosen} /> : null}
      </div>
    </Dialog>
  );
}
