import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api } from '@/api/client';
import { defineMessages, useT } from '@/lib/i18n';
import { Time } from '@/ui';

const messages = defineMessages({
  en: { title: 'Asked before about this source' },
  fr: { title: 'Déjà demandé sur cette source' },
});

interface Related {
  id: string;
  title: string;
  question: string;
  asked_at: string;
}

const PAUSE_MS = 400;
const SHOWN = 3;
const LOOKED_AT = 8;
const SHORTEST = 8;
const MOST = 2000;

/** The text once the person has stopped typing for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

/** The newest of each question: what was asked again is the same line. */
function different(found: readonly Related[]): readonly Related[] {
  const seen = new Set<string>();
  return found.filter(({ question }) => {
    const words = question.trim().toLowerCase();
    return !seen.has(words) && seen.add(words);
  });
}

function useRelated(
  sourceIds: readonly string[],
  text: string,
  but: string | undefined,
  always: boolean,
): readonly Related[] {
  const search = text.length >= SHORTEST && !text.startsWith('/');
  const enabled = sourceIds.length > 0 && (search || (always && text === ''));
  const q = search ? text.slice(0, MOST) : '';
  const { data } = useQuery({
    queryKey: ['threads', 'related', { sourceIds, q, but }],
    queryFn: ({ signal }) => {
      const query = { source_id: sourceIds, q, but, limit: LOOKED_AT };
      return api.get<{ data: Related[] }>('/threads/related', { query, signal });
    },
    enabled,
    staleTime: 30_000,
    placeholderData: (before) => before,
  });
  return enabled ? different(data?.data ?? []).slice(0, SHOWN) : [];
}

export interface AskedBeforeProps {
  sourceIds: readonly string[];
  /** What is being typed; the newest conversations when it is empty. */
  text: string;
  /** The conversation it is typed in. */
  but?: string;
  /** Conversations are offered before anything is typed. */
  always?: boolean;
}

/** Earlier conversations about the same sources, offered before the same is asked again. */
export default function AskedBefore({ sourceIds, text, but, always = false }: AskedBeforeProps) {
  const t = useT(messages);
  const found = useRelated(sourceIds, useSettled(text.trim()), but, always);
  if (found.length === 0) return null;
  return (
    <nav aria-label={t('title')} className="text-sm" data-testid="asked-before">
      <p className="mb-1 text-xs text-subtle">{t('title')}</p>
      <ul className="-mx-2">
        {found.map((one) => (
          <li key={one.id}>
            <Link
              to="/chats/$thread"
              params={{ thread: one.id }}
              className="flex items-center gap-3 rounded-md px-2 py-1 hover:bg-sunken pointer-coarse:py-2"
            >
              <span className="min-w-0 flex-1 truncate">{one.question}</span>
              <span className="shrink-0 text-xs text-subtle">
                <Time iso={one.asked_at} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
