import { useUploads, type ThreadState } from '@/features/chats';

/** Files dropped on a thread become sources that the thread asks from now on. */
export function useScopedUploads({ thread, patch }: ThreadState) {
  return useUploads((source) => {
    const before = thread.data?.source_ids ?? [];
    patch.mutate({ source_ids: [...before.filter((id) => id !== source.id), source.id] });
  });
}

export type ScopedUploads = ReturnType<typeof useScopedUploads>;
