import { queryOptions, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { api } from '@/api/client';
import { sourcesQuery } from '@/api/resources';
import type { DefinitionContent, DefinitionDetail, Query, QueryVersion } from '@/api/types';
import type { ChatMessage } from '@/features/chats';
import {
  checkDefinitionValues,
  contentOf,
  createDefinition,
  DEFINITION_FORM,
  DefinitionForm,
  definitionMessages,
  useDefinitionsChanged,
  valuesOf,
  type DefinitionValues,
} from '@/features/definitions';
import { useForm } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { Button, ErrorPanel, LeaveGuard, Page, SkeletonRows, toast } from '@/ui';
import { sqlSlot } from './definition-sql';

const route = getRouteApi('/shell/definitions/new');

interface Origin {
  version: QueryVersion;
  question: string;
}

/** The question that an answer with this query is the answer to. */
async function questionOf({ thread_id: thread, query_id: id }: QueryVersion): Promise<string> {
  if (thread === null) return '';
  const { data } = await api.get<{ data: ChatMessage[] }>(`/threads/${thread}/messages`);
  const made = (message: ChatMessage) =>
    message.parts.some((part) => part.type === 'data-query' && part.data.query_id === id);
  const answer = data.find(made);
  const asked = data.find((message) => message.id === answer?.parent_id);
  const texts = asked?.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])) ?? [];
  return texts.join(' ').replace(/\s+/g, ' ').trim().slice(0, 500);
}

const originQuery = (query: string, wanted: string | undefined) =>
  queryOptions({
    queryKey: ['definitions', 'origin', query, wanted],
    queryFn: async (): Promise<Origin> => {
      const { versions } = await api.get<Query>(`/queries/${query}`);
      const found = versions.find(({ version }) => String(version) === wanted) ?? versions.at(-1);
      if (!found) throw new Error('a query has at least one version');
      return { version: found, question: await questionOf(found).catch(() => '') };
    },
    staleTime: Infinity,
  });

interface NewFormProps {
  content: Partial<DefinitionContent>;
  origin: QueryVersion | undefined;
}

function NewForm({ content, origin }: NewFormProps) {
  const t = useT(definitionMessages);
  const navigate = useNavigate();
  const changed = useDefinitionsChanged();
  const sources = useQuery(sourcesQuery).data?.data;
  const form = useForm<DefinitionValues, DefinitionDetail>({
    initial: valuesOf(content),
    validate: (values) => checkDefinitionValues(values, t),
    submit: (values) =>
      createDefinition({
        ...contentOf(values),
        ...(origin ? { query_id: origin.query_id, query_version: origin.version } : {}),
      }),
    onSuccess: async ({ id, handle }) => {
      await changed();
      toast({ title: t('proposedNow', { handle }) });
      await navigate({
        to: '/definitions/$definition',
        params: { definition: id },
        ignoreBlocker: true,
      });
    },
  });
  return (
    <>
      {origin ? <p className="text-sm text-muted">{t('fromAnswer')}</p> : null}
      <DefinitionForm form={form} sources={sources} disabled={false} sql={sqlSlot} />
      <div>
        <Button type="submit" form={DEFINITION_FORM} variant="primary" loading={form.pending}>
          {t('propose')}
        </Button>
      </div>
      <LeaveGuard when={form.dirty && !form.pending} />
    </>
  );
}

function FromAnswer({ query, version }: { query: string; version: string | undefined }) {
  const t = useT(definitionMessages);
  const origin = useQuery(originQuery(query, version));
  if (origin.error)
    return <ErrorPanel error={origin.error} onRetry={() => void origin.refetch()} />;
  if (!origin.data) return <SkeletonRows rows={6} label={t('loading')} />;
  const { version: made, question } = origin.data;
  const content = {
    name: made.title?.slice(0, 80) ?? '',
    pattern: question,
    sql: made.sql,
    source_id: made.source_id,
  };
  return <NewForm content={content} origin={made} />;
}

export function NewDefinitionPage() {
  const t = useT(definitionMessages);
  const { query, version, source } = route.useSearch();
  return (
    <Page
      title={t('create')}
      width="reading"
      crumbs={[{ label: t('title'), to: '/definitions' }]}
      description={t('lead')}
    >
      {query === undefined ? (
        <NewForm content={source === undefined ? {} : { source_id: source }} origin={undefined} />
      ) : (
        <FromAnswer query={query} version={version} />
      )}
    </Page>
  );
}
