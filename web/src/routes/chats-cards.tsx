import { lazy, Suspense, useMemo } from 'react';
import type { ChartRef, Citation, Part } from '@/api/parts';
import type { QueryVersion } from '@/api/types';
import { ChartCard } from '@/features/charts';
import { CitedText, type CardSlots } from '@/features/chats';
import { SqlCard } from '@/features/queries';
import { ChatRequest } from './chats-request';
import { SaveDefinition } from './chats-save-definition';

// Few answers write a document, and few results are drawn by hand.
const DrawResult = lazy(() => import('@/features/charts/draw-result'));
const DocumentCard = lazy(() => import('@/features/documents/document-card'));

const saveAsDefinition = (version: QueryVersion) => <SaveDefinition version={version} />;

/** The newest chart drawn from a query, when there is one. */
function chartOf(version: QueryVersion, parts: readonly Part[]) {
  return parts.findLast(
    (part) => part.type === 'data-chart' && part.data.query_handle === version.handle,
  );
}

/** A chart whose figures have their receipts. */
function CitedChart(props: { chart: ChartRef; bare?: boolean; onUpdate: (() => void) | null }) {
  const { chart, onUpdate, ...rest } = props;
  const cited = (text: string, cites: readonly Citation[]) => (
    <CitedText text={text} cites={cites} onUpdate={onUpdate} />
  );
  return <ChartCard {...rest} reference={chart} renderText={cited} onUpdate={onUpdate} />;
}

/** The chart of a result, or the offer to draw one. */
function drawn(version: QueryVersion, chart: ChartRef | null, onUpdate: (() => void) | null) {
  if (chart) return <CitedChart bare chart={chart} onUpdate={onUpdate} />;
  const { result_id: resultId, row_count: count } = version;
  if (!resultId || (count ?? 0) < 2) return null;
  return (
    <Suspense>
      <DrawResult key={resultId} resultId={resultId} />
    </Suspense>
  );
}

/** The cards of a thread's answers. */
export function useCards(threadId: string): CardSlots {
  return useMemo(
    () => ({
      query: (version, parts, onUpdate) => {
        const chart = chartOf(version, parts);
        return (
          <SqlCard
            version={version}
            threadId={threadId}
            actions={saveAsDefinition}
            chart={drawn(version, chart?.type === 'data-chart' ? chart.data : null, onUpdate)}
          />
        );
      },
      chart: (chart, onUpdate) => <CitedChart chart={chart} onUpdate={onUpdate} />,
      document: (document, onUpdate) => (
        <Suspense>
          <DocumentCard reference={document} onUpdate={onUpdate} />
        </Suspense>
      ),
      request: (request) => <ChatRequest request={request} />,
    }),
    [threadId],
  );
}
