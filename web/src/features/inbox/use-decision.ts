import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '@/api/client';
import type { ActionDecision, DecisionType, InboxDetail, RequestAction } from '@/api/types';
import { useT } from '@/lib/i18n';
import { toast } from '@/ui';
import { decide } from './api';
import { messages } from './detail-messages';

/** What one action is to get; an edit is an approval with other arguments. */
export interface Verdict {
  type: Exclude<DecisionType, 'edit'>;
  message: string;
  args: unknown;
  edited: boolean;
  valid: boolean;
}

export const firstAllowed = ({ allow }: RequestAction): Verdict['type'] =>
  (['approve', 'respond', 'reject'] as const).find((type) => allow[type]) ?? 'approve';

function decisionOf(action: RequestAction, verdict: Verdict): ActionDecision {
  const { type, message, args, edited } = verdict;
  const base = { action_id: action.id };
  if (type === 'approve') return edited ? { ...base, type: 'edit', args } : { ...base, type };
  if (type === 'respond' && action.response_schema) return { ...base, type, args };
  return { ...base, type, ...(message === '' ? {} : { message }) };
}

/** Sends a decision once, and shows what the server then says, whoever was faster. */
export function useSend(request: InboxDetail) {
  const t = useT(messages);
  const client = useQueryClient();
  return useMutation({
    mutationFn: (decisions: ActionDecision[]) => decide(request, decisions),
    onSuccess: (made) => {
      client.setQueryData(['requests', request.id], made);
      if (made.status === 'pending') toast({ title: t('stillWaits') });
    },
    onError: (error) => {
      const late = error instanceof ApiError && error.status === 409;
      toast({
        title: late ? t('tooLate') : t('notSent'),
        detail: error instanceof ApiError ? (error.detail ?? error.title) : error.message,
        tone: late ? 'info' : 'danger',
      });
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['requests'] }),
  });
}

/** The verdicts of all actions; they are sent together. */
export function useVerdicts(request: InboxDetail) {
  const [verdicts, setVerdicts] = useState<Readonly<Record<string, Verdict>>>({});
  const of = (action: RequestAction): Verdict =>
    verdicts[action.id] ?? {
      type: firstAllowed(action),
      message: '',
      args: action.args,
      edited: false,
      valid: true,
    };
  const change = (action: RequestAction, changed: Partial<Verdict>) =>
    setVerdicts((before) => ({
      ...before,
      [action.id]: { ...of(action), ...before[action.id], ...changed },
    }));
  const all = (type?: Verdict['type']): ActionDecision[] =>
    request.actions.map((action) => {
      const verdict = of(action);
      return decisionOf(action, type === undefined ? verdict : { ...verdict, type });
    });
  const list = request.actions.map(of);
  return {
    of,
    change,
    all,
    edited: list.some(({ type, edited }) => type === 'approve' && edited),
    valid: list.every(({ type, valid }) => type !== 'approve' || valid),
  };
}

export type Verdicts = ReturnType<typeof useVerdicts>;
