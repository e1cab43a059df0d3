import { useMemo } from 'react';
import type { Part } from '@/api/parts';
import type { QueryVersion } from '@/api/types';
import { ChartCard } from '@/features/charts';
import type { CardSlots } from '@/features/chats';
import { SqlCard } from '@/features/queries';
import { ChatRequest } from './chats-request';
import { SaveDefinition } from './chats-save-definition';

const saveAsDefinition = (version: QueryVersion) => <SaveDefinition version={version} />;

/** The newest chart drawn from a query, when there is one. */
function chartOf(version: QueryVersion, parts: readonly Part[]) {
  return parts.findLast(
    (part) => part.type === 'data-chart' && part.data.query_handle === version.handle,
  );
}

/** The cards of a thread's answers. */
export function useCards(threadId: string): CardSlots {
  return useMemo(
    () => ({
      query: (version, parts) => {
        const chart = chartOf(version, parts);
        return (
          <SqlCard
            version={version}
            threadId={threadId}
            actions={saveAsDefinition}
            chart={chart?.type === 'data-chart' ? <ChartCard bare reference={chart.data} /> : null}
          />
        );
      },
      chart: (chart) => <ChartCard reference={chart} />,
      request: (request) => <ChatRequest request={request} />,
    }),
    [threadId],
  );
}
