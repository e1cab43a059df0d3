import { useQueries } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { catalogQuery } from '@/api/resources';
import { chatMessages, commandSuggestions, type Suggest, type Suggestion } from '@/features/chats';
import { useT } from '@/lib/i18n';

const DETAIL = {
  sql: 'commandSql',
  chart: 'commandChart',
  describe: 'commandDescribe',
  source: 'commandSource',
  agent: 'commandAgent',
  model: 'commandModel',
  new: 'commandNew',
} as const;

/** What `@` offers: earlier queries, then the tables and columns of the chat's sources. */
export function useSuggest(
  sourceIds: readonly string[],
  queries: readonly Suggestion[] = [],
): Suggest {
  const t = useT(chatMessages);
  // Catalogues can be large; most messages mention nothing.
  const [wanted, setWanted] = useState(false);
  const catalogs = useQueries({
    queries: sourceIds.map((id) => ({ ...catalogQuery(id), enabled: wanted })),
  });
  const onMention = useCallback(() => setWanted(true), []);
  const of: Suggest['of'] = (sign) => {
    if (sign === '/') return commandSuggestions((name) => t(DETAIL[name]));
    const tables = catalogs.flatMap(({ data }) => data?.tables ?? []);
    return [
      ...queries,
      ...tables.map(({ name }) => ({ text: name, detail: t('mentionTable') })),
      ...tables.flatMap(({ name, columns }) =>
        columns.map((column) => ({ text: `${name}.${column.name}`, detail: column.type })),
      ),
    ];
  };
  return { of, onMention };
}
