import { describe, expect, it } from 'vitest';
import type { Part, RunEntry } from '@/api/parts';
import { emptyRun, foldInto } from './fold';

interface RecordedLog {
  name: string;
  parts: RunEntry[];
  folded: Part[];
  phase: string;
}

const logs = Object.entries(
  import.meta.glob<RecordedLog>('../../../../tests/fixtures/run_logs/*.json', {
    eager: true,
    import: 'default',
  }),
);

describe('every recorded log', () => {
  it('is found and named after its file', () => {
    expect(logs.length).toBeGreaterThanOrEqual(20);
    for (const [path, { name }] of logs) expect(path).toContain(`/${name}.json`);
  });

  it.each(logs)('%s folds to its message', (_, { parts, folded, phase }) => {
    const view = foldInto(emptyRun, parts);
    expect(view.parts).toStrictEqual(folded);
    expect(view.phase).toBe(phase);
  });

  it.each(logs)('%s folds the same however it is cut into batches', (_, { parts, folded }) => {
    for (let cut = 0; cut <= parts.length; cut += 1) {
      const view = foldInto(foldInto(emptyRun, parts.slice(0, cut)), parts.slice(cut));
      expect(view.parts).toStrictEqual(folded);
    }
  });

  it.each(logs)('%s is not changed by being delivered again', (_, { parts }) => {
    const view = foldInto(emptyRun, parts);
    expect(foldInto(view, parts)).toBe(view);
  });
});

describe('foldInto', () => {
  const started: RunEntry[] = [
    [1, { type: 'start', messageMetadata: { started_at: '2026-11-20T14:02:00Z' } }],
    [2, { type: 'text-start', id: 't' }],
    [3, { type: 'text-delta', id: 't', delta: 'one' }],
    [4, { type: 'text-end', id: 't' }],
  ];

  it('keeps unchanged parts identical, so that only the growing one renders again', () => {
    const before = foldInto(emptyRun, started);
    const after = foldInto(before, [[5, { type: 'text-start', id: 'u' }]]);
    expect(after.parts[0]).toBe(before.parts[0]);
    expect(before.parts).toHaveLength(1);
  });

  it('keeps server times of every stage and of start and finish', () => {
    const stage = (label: string, at: string) => ({ stage: 'thinking', label, at });
    const view = foldInto(emptyRun, [
      ...started,
      [5, { type: 'data-stage', id: 'stage', data: stage('Thinking', '2026-11-20T14:02:01Z') }],
      [6, { type: 'data-stage', id: 'stage', data: stage('Writing', '2026-11-20T14:02:04Z') }],
      [7, { type: 'finish', messageMetadata: { finished_at: '2026-11-20T14:02:09Z' } }],
    ]);
    expect(view.stages.map(({ at }) => at)).toEqual([
      '2026-11-20T14:02:01Z',
      '2026-11-20T14:02:04Z',
    ]);
    expect(view.metadata).toEqual({
      started_at: '2026-11-20T14:02:00Z',
      finished_at: '2026-11-20T14:02:09Z',
    });
  });

  it('tells what failed and what to do', () => {
    const failed = { type: 'error', errorText: 'No worker', code: 'no_worker', hint: 'Start one' };
    expect(foldInto(emptyRun, [...started, [5, failed]]).failure).toEqual({
      text: 'No worker',
      code: 'no_worker',
      hint: 'Start one',
      errorId: undefined,
    });
  });
});
