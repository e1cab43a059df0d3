import { useMutation } from '@tanstack/react-query';
import { ApiError } from '@/api/client';
import type { ActionDecision, InboxDetail } from '@/api/types';
import { useT } from '@/lib/i18n';
import { toast } from '@/ui';
import { previewEdited, type EditedLook } from './api';
import { messages } from './detail-messages';

/** An edited call as it would be made; `found` is null where nobody could look. */
export interface Look {
  decision: ActionDecision;
  found: EditedLook | null;
}

/** Neither is an answer to what the call would do: these are about the question itself. */
const WRONG = new Set([0, 401, 404, 422]);

/** What destroys, and what nobody can look at: the server counts both alike. */
export const mayDestroy = ({ found }: Look) => found === null || found.risk === 'destructive';

/** Looks at each edited call, as the server will; what has no preview is left out. */
async function lookAt(request: InboxDetail, edits: readonly ActionDecision[]): Promise<Look[]> {
  const looks = edits.map(async (decision): Promise<Look[]> => {
    try {
      const found = await previewEdited(request.id, decision.action_id, decision.args);
      return [{ decision, found }];
    } catch (error) {
      if (!(error instanceof ApiError) || WRONG.has(error.status)) throw error;
      return error.code === 'no_preview' ? [] : [{ decision, found: null }];
    }
  });
  return (await Promise.all(looks)).flat();
}

/** Before an edited call is approved: what it would do now. */
export function useLooks(request: InboxDetail) {
  const t = useT(messages);
  return useMutation({
    mutationFn: (edits: readonly ActionDecision[]) => lookAt(request, edits),
    onError: (error) => {
      const detail = error instanceof ApiError ? (error.detail ?? error.title) : error.message;
      toast({ title: t('notSent'), detail, tone: 'danger' });
    },
  });
}

/** Says why an edited call can never be made, if there is one; nobody needs to approve that. */
export function refusedLook(looks: readonly Look[]): EditedLook | null {
  return looks.find(({ found }) => found?.refused)?.found ?? null;
}
