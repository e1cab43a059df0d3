import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useCan } from '@/api/resources';
import type { AgentDetail } from '@/api/types';
import {
  AGENT_FORM,
  AgentForm,
  agentQuery,
  AgentState,
  checkAgent,
  definitionOf,
  messages,
  patchAgent,
  patchOf,
  PublishDialog,
  rulesTab,
  saveDraft,
  testMessages,
  useAgentsChanged,
  valuesOf,
  Versions,
} from '@/features/agents';
import { useForm } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { Button, ErrorPanel, LeaveGuard, Page, SaveBar, SkeletonRows, Tabs, toast } from '@/ui';
import { AgentActions } from './agent-actions';
import { StartRunButton } from './start-run';

const route = getRouteApi('/shell/agents/$agent');
const Notes = lazy(() => import('@/features/agents/notes'));
const Rules = lazy(() => import('@/features/agents/rules'));
const TestChat = lazy(async () => ({ default: (await import('./agent-test')).TestChat }));

/**
 * Name and access are saved at once, the rest as the draft; one button does both. The form stands
 * on the draft it was opened with: what others save meanwhile is taken over only while nothing is
 * typed here.
 */
function useAgentForm(agent: AgentDetail) {
  const t = useT(messages);
  const client = useQueryClient();
  const changed = useAgentsChanged();
  const [base, setBase] = useState(agent);
  const form = useForm({
    initial: valuesOf(base),
    validate: (values) => checkAgent(values, t),
    submit: async (values) => {
      const wanted = { ...base.draft, ...definitionOf(values) };
      const saved = await saveDraft(base.id, wanted, base.draft_revision);
      const { definition: draft, revision: draft_revision, has_changes } = saved;
      const drafted = { ...base, draft, draft_revision, has_changes };
      // The draft is saved whatever becomes of the name: the next save has to start from it.
      keep(drafted);
      const patch = patchOf(values, base);
      return Object.keys(patch).length === 0 ? drafted : patchAgent(base.id, patch);
    },
    onSuccess: async (now, sent) => {
      keep(now);
      // What was stored may be written a little differently than it was typed.
      form.adopt(valuesOf(now), sent);
      await changed();
      toast({ title: t('saved') });
    },
  });
  const keep = (now: AgentDetail) => {
    client.setQueryData(agentQuery(agent.id).queryKey, now);
    setBase(now);
  };
  const adopt = (next: AgentDetail) => {
    setBase(next);
    form.adopt(valuesOf(next));
  };
  if (agent !== base && !form.dirty && !form.pending) adopt(agent);
  return { form, revert: () => adopt(agent) };
}

interface SetupProps extends EditorProps {
  report: (dirty: boolean) => void;
  /** Drops what was typed for what somebody else has saved. */
  onLoad: () => void;
}

function Setup({ agent, manage, report, onLoad }: SetupProps) {
  const t = useT(messages);
  const test = useT(testMessages);
  const { form, revert } = useAgentForm(agent);
  useEffect(() => {
    report(form.dirty);
    return () => report(false);
  }, [report, form.dirty]);
  // An archived agent answers nobody, so there is nothing to test.
  const live = manage && agent.archived_at === null;
  return (
    <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_minmax(22rem,26rem)]">
      <div className="min-w-0">
        <AgentForm form={form} disabled={!live} agent={agent} />
        <SaveBar
          form={form}
          formId={AGENT_FORM}
          unsaved={t('unsaved')}
          stale={t('stale')}
          save={t('save')}
          onRevert={revert}
          onLoad={onLoad}
        />
      </div>
      {live ? (
        <div className="lg:sticky lg:top-6 lg:h-[calc(100dvh-14rem)] lg:self-start">
          <Suspense fallback={<SkeletonRows label={t('loading')} />}>
            <TestChat
              agent={agent.id}
              starters={agent.draft.starters}
              dirty={form.dirty}
              title={<h2 className="text-title-sm">{test('test')}</h2>}
            />
          </Suspense>
        </div>
      ) : null}
      <LeaveGuard when={form.dirty && live} />
    </div>
  );
}

interface EditorProps {
  agent: AgentDetail;
  manage: boolean;
}

function PublishButton({ agent, dirty }: { agent: AgentDetail; dirty: boolean }) {
  const t = useT(messages);
  const [open, setOpen] = useState(false);
  const reason = dirty ? t('saveFirst') : agent.has_changes ? null : t('nothingNew');
  return (
    <>
      <Button variant="primary" blocked={reason} onClick={() => setOpen(true)}>
        {t('publish')}
      </Button>
      {open ? <PublishDialog agent={agent} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

/** Only what is published runs while nobody watches. */
function RunButton({ agent }: { agent: AgentDetail }) {
  if (agent.published === null || agent.archived_at !== null) return null;
  return <StartRunButton agent={agent.id} variant="secondary" />;
}

function Editor({ agent, manage }: EditorProps) {
  const t = useT(messages);
  const rules = useT(rulesTab)('rules');
  const navigate = useNavigate();
  const { tab = 'setup' } = route.useSearch();
  const [dirty, setDirty] = useState(false);
  const [loads, setLoads] = useState(0);
  const changed = useAgentsChanged();
  const load = async () => {
    await changed();
    setLoads(loads + 1);
  };
  const shown = tab === 'versions' || tab === 'rules' || tab === 'memory' ? tab : 'setup';
  const go = (next: string) =>
    void navigate({
      to: '/agents/$agent',
      params: { agent: agent.id },
      search: next === 'setup' ? {} : { tab: next },
    });
  return (
    <Page
      title={agent.name}
      crumbs={[{ label: t('title'), to: '/agents' }]}
      description={agent.description}
      meta={<AgentState agent={agent} />}
      actions={
        <>
          <RunButton agent={agent} />
          {manage ? <PublishButton agent={agent} dirty={dirty} /> : null}
          <AgentActions agent={agent} manage={manage} onDiscarded={load} />
        </>
      }
    >
      <Tabs
        label={agent.name}
        value={shown}
        onChange={go}
        tabs={[
          { value: 'setup', label: t('setup') },
          { value: 'versions', label: t('versions') },
          { value: 'rules', label: rules },
          { value: 'memory', label: t('memory') },
        ]}
      >
        {shown === 'memory' ? (
          <Suspense fallback={<SkeletonRows label={t('loading')} />}>
            <Notes agent={agent} />
          </Suspense>
        ) : shown === 'rules' ? (
          <Suspense fallback={<SkeletonRows label={t('loading')} />}>
            <Rules agent={agent.id} manage={manage} />
          </Suspense>
        ) : shown === 'setup' ? (
          <Setup
            key={loads}
            agent={agent}
            manage={manage}
            report={setDirty}
            onLoad={() => void load()}
          />
        ) : (
          <Versions agent={agent} manage={manage} />
        )}
      </Tabs>
    </Page>
  );
}

export function AgentPage() {
  const t = useT(messages);
  const { agent: id } = route.useParams();
  const manage = useCan()('agent:manage');
  const agent = useQuery(agentQuery(id));
  if (agent.data) return <Editor key={id} agent={agent.data} manage={manage} />;
  return (
    <Page title={t('title')}>
      {agent.error ? (
        <ErrorPanel error={agent.error} onRetry={() => void agent.refetch()} />
      ) : (
        <SkeletonRows rows={8} label={t('loading')} />
      )}
    </Page>
  );
}
