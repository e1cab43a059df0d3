import type { DefinitionContent, DefinitionDetail } from '@/api/types';
import { fakeSource } from './fakes';
import { fakeServer } from './render';

/** A server that keeps the definition, as the real one does. */
export function definitionServer(definition: DefinitionDetail) {
  let now = definition;
  return fakeServer()
    .on('GET /sources', () => ({ data: [fakeSource({ id: 's1', name: 'Shop' })], next: null }))
    .on('GET /definitions', ({ query }) => ({
      data: query.get('status') === 'lapsed' ? [] : [now],
      next: null,
    }))
    .on('GET /definitions/:id', () => now)
    .on('GET /definitions/:id/versions', () => ({
      data: [2, 1].map((version) => ({
        ...now,
        version,
        author: now.owner,
        certified: version === 1,
      })),
      next: null,
    }))
    .on('GET /definitions/:id/diff', () => ({
      from: 1,
      to: 2,
      changes: [{ field: 'name', before: 'Sales', after: 'Revenue' }],
      sql: [
        { kind: 'removed', text: 'select 1', before: 1, after: null },
        { kind: 'added', text: 'select 2', before: null, after: 1 },
      ],
      note: [],
    }))
    .on('GET /definitions/:id/uses', () => ({ count: 3, last_at: null, data: [] }))
    .on(
      'POST /definitions/:id/certify',
      () => (now = { ...now, status: 'certified', certified_by: now.owner, lapsed: null }),
    )
    .on('PUT /definitions/:id', ({ body }) => {
      const lapsed = { reason: 'edited', detail: 'Dana changed note.' } as const;
      now = { ...now, ...(body as DefinitionContent), version: now.version + 1, lapsed };
      return (now = { ...now, status: 'lapsed' });
    });
}
