import { useQuery } from '@tanstack/react-query';
import { queryVersionsOptions, SqlCard } from '@/features/queries';
import { ErrorPanel } from '@/ui';

function SideQuery({ id, threadId }: { id: string; threadId: string }) {
  const { data, error, refetch } = useQuery(queryVersionsOptions(id));
  const latest = data?.versions.at(-1);
  if (error) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  if (!latest) return null;
  return (
    <>
      <h2 className="sr-only">{latest.handle}</h2>
      <SqlCard version={latest} threadId={threadId} />
    </>
  );
}

/** Queries run with /sql beside the conversation. */
export function SideQueries({ ids, threadId }: { ids: readonly string[]; threadId: string }) {
  return (
    <>
      {ids.map((id) => (
        <SideQuery key={id} id={id} threadId={threadId} />
      ))}
    </>
  );
}
