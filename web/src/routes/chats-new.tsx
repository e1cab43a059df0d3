import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Database } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { agentsQuery, sourcesQuery, startersQuery } from '@/api/resources';
import type { Source } from '@/api/types';
import {
  asQuestion,
  attachSample,
  chatMessages,
  Composer,
  createThread,
  DropArea,
  isNew,
  restoreDraft,
  ScopeChips,
  sendKey,
  sendMessage,
  sqlCommand,
  threadsOptions,
  UploadList,
  useUploads,
  type Scope,
} from '@/features/chats';
import { newMessages } from '@/features/chats/new-messages';
import { runQuery } from '@/features/queries';
import { useT } from '@/lib/i18n';
import { Button, buttonClass, EmptyState, ErrorPanel, PageHeading, Time, usePage } from '@/ui';
import { useSqlHint } from './chats-composer';
import { useSuggest } from './chats-suggest';

const route = getRouteApi('/shell/chats/new');
const AskedBefore = lazy(() => import('@/features/chats/asked-before'));

/** The source a new chat asks unless told otherwise: the first that answers. */
const firstSource = (sources: readonly Source[]) =>
  sources.find(({ status }) => status !== 'error') ?? sources[0];

/** The scope of a thread that does not exist yet. */
function useNewScope() {
  const { source, agent = null, model = null } = route.useSearch();
  const sources = useQuery(sourcesQuery).data?.data;
  const [change, setChange] = useState<Partial<Scope>>({});
  const id = source ?? firstSource(sources ?? [])?.id;
  const start: Scope = { source_ids: id ? [id] : [], agent_id: agent, model_id: model };
  return {
    scope: { ...start, ...change },
    none: sources?.length === 0,
    set: (next: Partial<Scope>) => setChange({ ...change, ...next }),
  };
}

/** Makes the thread, then asks its first question or runs its first SQL. */
async function begin(scope: Scope, text: string): Promise<string> {
  const thread = await createThread({
    source_ids: scope.source_ids,
    ...(scope.agent_id === null ? {} : { agent_id: scope.agent_id }),
    ...(scope.model_id === null ? {} : { model_id: scope.model_id }),
  });
  const sql = sqlCommand(text);
  const [source] = scope.source_ids;
  if (sql !== null && source !== undefined) {
    await runQuery({ source_id: source, sql, thread_id: thread.id });
  } else await sendMessage(thread.id, { text: asQuestion(text) }, sendKey());
  return thread.id;
}

interface StartersProps {
  source: string;
  agent: string | null;
  onPick: (question: string) => void;
}

const STARTERS = 4;

/** The place of the starters while they are asked for: what comes moves nothing below. */
const awaited = (
  <div aria-hidden className="grid gap-2 sm:grid-cols-2">
    {Array.from({ length: STARTERS }, (_, index) => (
      <div key={index} className="h-[2.875rem] rounded-lg border border-line" />
    ))}
  </div>
);

/** What the agent offers to be asked; those of the source when it offers nothing. */
function Starters({ source, agent, onPick }: StartersProps) {
  const t = useT(newMessages);
  const agents = useQuery(agentsQuery);
  const own = agents.data?.data.find(({ id }) => id === agent)?.starters ?? [];
  const found = useQuery(startersQuery(source));
  if (found.isPending || (agent !== null && agents.isPending)) return awaited;
  const questions = own.length > 0 ? own : (found.data?.questions ?? []).slice(0, STARTERS);
  return (
    <ul aria-label={t('starters')} className="grid gap-2 empty:hidden sm:grid-cols-2">
      {questions.map((question) => (
        <li key={question}>
          <button
            type="button"
            onClick={() => onPick(question)}
            className="h-full w-full rounded-lg border border-line bg-surface px-4 py-3 text-left text-sm text-muted shadow-card hover:border-accent hover:text-fg"
          >
            {question}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The last chats about other sources: those about these are offered under the composer. */
function Recent({ but }: { but: readonly string[] }) {
  const t = useT(chatMessages);
  const fresh = useT(newMessages);
  const { data } = useInfiniteQuery(threadsOptions(''));
  const others = data?.pages[0]?.data.filter(
    ({ source_ids: ids }) => !ids.some((id) => but.includes(id)),
  );
  const threads = others?.slice(0, 3) ?? [];
  if (threads.length === 0) return null;
  return (
    <nav aria-label={fresh('recent')} className="text-sm">
      <h2 className="mb-1 text-xs font-normal text-subtle">{fresh('recent')}</h2>
      <ul className="-mx-2">
        {threads.map((thread) => (
          <li key={thread.id}>
            <Link
              to="/chats/$thread"
              params={{ thread: thread.id }}
              className="flex items-center gap-3 rounded-md px-2 py-1.5 hover:bg-sunken"
            >
              <span className="min-w-0 flex-1 truncate">{thread.title || t('untitled')}</span>
              <span className="text-xs text-subtle">
                <Time iso={thread.last_message_at ?? thread.updated_at} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function NoSource() {
  const t = useT(chatMessages);
  const fresh = useT(newMessages);
  const client = useQueryClient();
  const sample = useMutation({
    mutationFn: attachSample,
    onSuccess: () => client.invalidateQueries({ queryKey: ['sources'] }),
  });
  return (
    <>
      {sample.error && <ErrorPanel error={sample.error} />}
      <EmptyState
        icon={<Database aria-hidden />}
        title={fresh('noSourceTitle')}
        actions={
          <>
            <Button variant="primary" loading={sample.isPending} onClick={() => sample.mutate()}>
              {fresh('useSample')}
            </Button>
            <Link to="/sources/new" className={buttonClass()}>
              {t('addSource')}
            </Link>
          </>
        }
      >
        {fresh('noSourceBody')}
      </EmptyState>
    </>
  );
}

export function NewChatPage() {
  const t = useT(chatMessages);
  const fresh = useT(newMessages);
  usePage(t('newChat'), [{ label: t('chats'), to: '/chats' }]);
  const navigate = useNavigate();
  const client = useQueryClient();
  const { scope, none, set } = useNewScope();
  const hint = useSqlHint(scope.source_ids);
  const suggest = useSuggest(scope.source_ids);
  const uploads = useUploads(({ id }) => set({ source_ids: [...scope.source_ids, id] }));
  const start = useMutation({
    mutationFn: (text: string) => begin(scope, text),
    onError: (_, text) => restoreDraft('new', text),
    onSuccess: async (thread) => {
      void client.invalidateQueries({ queryKey: ['threads'] });
      await navigate({ to: '/chats/$thread', params: { thread } });
    },
  });
  const [source] = scope.source_ids;
  return (
    <DropArea onFiles={uploads.add}>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {/* From the top: in the middle, all that comes later would move the field and its buttons. */}
        <div className="mx-auto flex min-h-full w-full max-w-3xl flex-col gap-6 px-4 pt-[max(2.5rem,16vh)] pb-10 sm:px-6">
          <div className="text-center [&>h1]:text-title-lg">
            <PageHeading focus={false}>{fresh('welcome')}</PageHeading>
          </div>
          {none && <NoSource />}
          {start.error && <ErrorPanel error={start.error} title={t('sendFailed')} />}
          <Composer
            key={start.failureCount}
            thread="new"
            running={false}
            stopping={false}
            sending={start.isPending}
            history={[]}
            hint={hint}
            suggest={suggest}
            autoFocus
            onSend={(text) => {
              if (!isNew(text)) start.mutate(text);
            }}
            onStop={() => undefined}
            onFiles={uploads.add}
            above={<UploadList uploads={uploads.uploads} />}
            chips={<ScopeChips scope={scope} onChange={set} />}
            below={(text) => (
              <>
                {source !== undefined && (
                  <Starters
                    source={source}
                    agent={scope.agent_id}
                    onPick={(question) => start.mutate(question)}
                  />
                )}
                <Suspense>
                  <AskedBefore sourceIds={scope.source_ids} text={text} always />
                </Suspense>
              </>
            )}
          />
          <Recent but={scope.source_ids} />
        </div>
      </div>
    </DropArea>
  );
}
