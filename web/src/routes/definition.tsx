import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { sourcesQuery, useCan, useSession } from '@/api/resources';
import type { DefinitionDetail } from '@/api/types';
import {
  checkDefinitionValues,
  contentOf,
  DEFINITION_FORM,
  DefinitionForm,
  DefinitionHistory,
  definitionMessages,
  definitionQuery,
  DefinitionState,
  DefinitionUsesList,
  editDefinition,
  StandingActions,
  StandingNotice,
  useDefinitionsChanged,
  valuesOf,
  type DefinitionValues,
} from '@/features/definitions';
import { useForm, type Form } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { ErrorPanel, LeaveGuard, Page, SaveBar, SkeletonRows, Tabs, toast } from '@/ui';
import { sqlSlot } from './definition-sql';

const route = getRouteApi('/shell/definitions/$definition');

interface EditorProps {
  definition: DefinitionDetail;
  editable: boolean;
  /** Drops what was typed for what somebody else has saved. */
  onLoad: () => void;
}

/** The form stands on the version it was opened with; a save of another is refused. */
function useDefinitionForm(definition: DefinitionDetail) {
  const t = useT(definitionMessages);
  const client = useQueryClient();
  const changed = useDefinitionsChanged();
  const [base, setBase] = useState(definition);
  const form = useForm<DefinitionValues, DefinitionDetail>({
    initial: valuesOf(base),
    validate: (values) => checkDefinitionValues(values, t),
    submit: (values) => editDefinition(base.id, contentOf(values), base.version),
    onSuccess: async (now, sent) => {
      client.setQueryData(definitionQuery(now.id).queryKey, now);
      setBase(now);
      form.adopt(valuesOf(now), sent);
      await changed();
      toast({ title: t('saved', { version: now.version }) });
    },
  });
  const adopt = (next: DefinitionDetail) => {
    setBase(next);
    form.adopt(valuesOf(next));
  };
  if (definition !== base && !form.dirty && !form.pending) adopt(definition);
  return { form, revert: () => adopt(definition) };
}

type Tab = 'form' | 'versions' | 'uses';

interface ContentProps extends EditorProps {
  tab: Tab;
  form: Form<DefinitionValues>;
  revert: () => void;
}

function Content({ definition, editable, onLoad, tab, form, revert }: ContentProps) {
  const t = useT(definitionMessages);
  const sources = useQuery(sourcesQuery).data?.data;
  if (tab === 'versions') return <DefinitionHistory definition={definition} />;
  if (tab === 'uses') return <DefinitionUsesList definition={definition} />;
  return (
    <>
      <DefinitionForm form={form} sources={sources} disabled={!editable} sql={sqlSlot} />
      {editable ? (
        <SaveBar
          form={form}
          formId={DEFINITION_FORM}
          unsaved={t(definition.status === 'certified' ? 'unsavedCertified' : 'unsaved')}
          stale={t('stale')}
          save={t('save')}
          onRevert={revert}
          onLoad={onLoad}
        />
      ) : null}
    </>
  );
}

function useLead({ status, handle, certified_by: by }: DefinitionDetail): string {
  const t = useT(definitionMessages);
  if (status !== 'certified' || by === null) return handle;
  return `${handle} · ${t('certifiedBy', { name: by.name })}`;
}

function Editor(props: EditorProps) {
  const { definition, editable } = props;
  const t = useT(definitionMessages);
  const navigate = useNavigate();
  const { tab = 'form' } = route.useSearch();
  const steward = useCan()('definition:certify') && definition.archived_at === null;
  const { form, revert } = useDefinitionForm(definition);
  const lead = useLead(definition);
  const shown: Tab = tab === 'versions' || tab === 'uses' ? tab : 'form';
  const go = (next: string) =>
    void navigate({
      to: '/definitions/$definition',
      params: { definition: definition.id },
      search: next === 'form' ? {} : { tab: next },
    });
  return (
    <Page
      title={definition.name}
      crumbs={[{ label: t('title'), to: '/definitions' }]}
      description={lead}
      meta={<DefinitionState definition={definition} />}
      actions={
        <StandingActions
          definition={definition}
          steward={steward}
          editable={editable}
          dirty={form.dirty}
          onArchived={() => void navigate({ to: '/definitions', ignoreBlocker: true })}
        />
      }
    >
      <StandingNotice definition={definition} />
      <Tabs
        label={definition.name}
        value={shown}
        onChange={go}
        tabs={[
          { value: 'form', label: t('tabForm') },
          { value: 'versions', label: t('tabVersions'), count: definition.version },
          { value: 'uses', label: t('tabUses') },
        ]}
      >
        <Content {...props} tab={shown} form={form} revert={revert} />
      </Tabs>
      <LeaveGuard when={form.dirty && editable} tabsKeep />
    </Page>
  );
}

/** One's own proposal can be edited; anything by who may certify. */
function useEditable(definition: DefinitionDetail | undefined): boolean {
  const can = useCan();
  const { user } = useSession();
  if (!definition || definition.archived_at !== null || !can('definition:create')) return false;
  const own = definition.owner.id === user.id && definition.status === 'proposed';
  return own || can('definition:certify');
}

export function DefinitionPage() {
  const t = useT(definitionMessages);
  const { definition: id } = route.useParams();
  const definition = useQuery(definitionQuery(id));
  const editable = useEditable(definition.data);
  const [loads, setLoads] = useState(0);
  const load = async () => {
    await definition.refetch();
    setLoads(loads + 1);
  };
  if (definition.data)
    return (
      <Editor
        key={`${id}:${loads}`}
        definition={definition.data}
        editable={editable}
        onLoad={() => void load()}
      />
    );
  return (
    <Page title={t('title')}>
      {definition.error ? (
        <ErrorPanel error={definition.error} onRetry={() => void definition.refetch()} />
      ) : (
        <SkeletonRows rows={8} label={t('loading')} />
      )}
    </Page>
  );
}
