import { useQuery } from '@tanstack/react-query';
import { modelsQuery, sourcesQuery } from '@/api/resources';
import type { AgentChange } from '@/api/types';
import { formatCount } from '@/lib/format';
import { useT, type Translate } from '@/lib/i18n';
import type { FieldChange } from '@/ui/versions';
import { toolsQuery } from './api';
import { messages } from './messages';
import { versionMessages } from './version-messages';

type Key = keyof (typeof messages)['en'];

/** The words of the form, and those that only a comparison needs. */
interface Words {
  t: Translate<Key>;
  tv: Translate<keyof (typeof versionMessages)['en']>;
}

/** The label of a field by its path, the same as in the form. */
const FIELDS: Record<string, Key> = {
  model_id: 'model',
  fallback_model_id: 'fallback',
  routing_model_id: 'routing',
  workflow: 'workflow',
  source_ids: 'sources',
  starters: 'starters',
  memory: 'memory',
  numbers: 'numbers',
  report: 'report',
  'parameters.temperature': 'temperature',
  'parameters.top_p': 'topP',
  'parameters.max_output_tokens': 'maxTokens',
  'parameters.seed': 'seed',
  'limits.max_steps': 'maxSteps',
  'limits.max_seconds': 'maxSeconds',
  'limits.max_rows': 'maxRows',
  'limits.max_cost_usd': 'maxCost',
};

/** What a field says while nothing is chosen in it. */
const NOTHING: Record<string, Key> = {
  model_id: 'defaultModel',
  fallback_model_id: 'noFallback',
  routing_model_id: 'sameAsAnswers',
  source_ids: 'chatSources',
};

/** The words of a choice, by field and stored value. */
const CHOICES: Record<string, Record<string, Key>> = {
  workflow: { plain: 'workflow_plain', analyst: 'workflow_analyst' },
  memory: { off: 'memory_off', agent: 'memory_agent' },
  numbers: { allow: 'numbers_allow', warn: 'numbers_warn', block: 'numbers_block' },
  report: { all: 'report_all', problems: 'report_problems', none: 'report_none' },
  tools: { auto: 'auto', ask: 'ask', never: 'neverUse' },
};

/** Names by id, where a field holds an id. */
type Names = Record<string, string>;

interface Known {
  models: Names;
  sources: Names;
  tools: Names;
}

function fieldName(path: string, known: Known, { t, tv }: Words): string {
  const [first = path, ...rest] = path.split('.');
  const inner = rest.join('.');
  if (first === 'tools') return t('policyOf', { tool: known.tools[inner] ?? inner });
  if (first === 'schemas') return t('schemas', { source: known.sources[inner] ?? tv('removed') });
  if (first === 'mentions') return tv('mentions');
  const key = FIELDS[path];
  return key === undefined ? path : t(key);
}

const mentions = (value: Record<string, { intent: string }>) =>
  Object.entries(value).map(([name, { intent }]) => `@${name}: ${intent}`);

function nothing(first: string, { t, tv }: Words): string {
  if (first === 'tools') return tv('asUsual');
  if (first === 'schemas') return tv('allSchemas');
  const key = NOTHING[first];
  return key === undefined ? '' : t(key);
}

function written(first: string, value: unknown, known: Known, words: Words): string {
  const { t, tv } = words;
  if (value === null || value === undefined) return nothing(first, words);
  if (typeof value === 'number') return formatCount(value);
  const one = (text: string) => {
    const choice = CHOICES[first]?.[text];
    if (choice !== undefined) return t(choice);
    if (first.endsWith('model_id')) return known.models[text] ?? tv('removed');
    return first === 'source_ids' ? (known.sources[text] ?? tv('removed')) : text;
  };
  if (Array.isArray(value)) return value.map((item) => one(String(item))).join(' · ');
  if (typeof value === 'string') return one(value);
  return mentions(value as Record<string, { intent: string }>).join(' · ');
}

const named = (all: readonly { id: string; name: string }[] | undefined): Names =>
  Object.fromEntries((all ?? []).map(({ id, name }) => [id, name]));

/** What differs, in the words of the form: no paths, no ids. */
export function useChanges(): (changes: readonly AgentChange[]) => FieldChange[] {
  const words: Words = { t: useT(messages), tv: useT(versionMessages) };
  const tools = useQuery(toolsQuery).data ?? [];
  const known: Known = {
    models: named(useQuery(modelsQuery).data?.data),
    sources: named(useQuery(sourcesQuery).data?.data),
    tools: Object.fromEntries(tools.map(({ name, title }) => [name, title])),
  };
  return (changes) =>
    changes.map(({ path, before, after }) => {
      const first = path.split('.')[0] ?? path;
      return {
        field: fieldName(path, known, words),
        before: written(first, before, known, words),
        after: written(first, after, known, words),
      };
    });
}
