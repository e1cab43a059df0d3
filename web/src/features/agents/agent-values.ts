import type {
  AgentDefinition,
  AgentDetail,
  AgentReport,
  AgentVisibility,
  AgentWorkflow,
  NumberPolicy,
} from '@/api/types';
import type { Errors } from '@/lib/form';
import type { Translate } from '@/lib/i18n';
import type { messages } from './messages';

/** The form's values; maps and lists travel as text so that one form holds them all. */
export interface AgentValues extends Record<string, string> {
  name: string;
  description: string;
  visibility: string;
  instructions: string;
  model_id: string;
  fallback_model_id: string;
  workflow: string;
  routing_model_id: string;
  /** JSON: what mentions do; kept as they are. */
  mentions: string;
  temperature: string;
  top_p: string;
  max_output_tokens: string;
  seed: string;
  /** JSON: policy by tool. */
  tools: string;
  /** JSON: the agent's own sources, or null for those of the chat. */
  source_ids: string;
  /** JSON: allowed schemas by source. */
  schemas: string;
  max_steps: string;
  max_seconds: string;
  max_rows: string;
  max_cost_usd: string;
  /** One per line. */
  starters: string;
  numbers: string;
  memory: string;
  report: string;
}

export const MOST_STARTERS = 6;

const shown = (value: number | string | null) => (value === null ? '' : String(value));

/** The map with one key set, or without it. */
export function withKey<V>(
  map: Record<string, V>,
  key: string,
  value: V | null,
): Record<string, V> {
  const rest = Object.entries(map).filter(([name]) => name !== key);
  return Object.fromEntries(value === null ? rest : [...rest, [key, value]]);
}

/** Keys in one order, so that equal maps are equal text. */
export const asText = (value: unknown): string =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? JSON.stringify(Object.fromEntries(Object.entries(value).sort()))
    : JSON.stringify(value);

export function valuesOf({ name, description, visibility, draft }: AgentDetail): AgentValues {
  const { parameters, limits } = draft;
  return {
    name,
    description,
    visibility,
    instructions: draft.instructions,
    model_id: draft.model_id ?? '',
    fallback_model_id: draft.fallback_model_id ?? '',
    workflow: draft.workflow,
    routing_model_id: draft.routing_model_id ?? '',
    mentions: asText(draft.mentions),
    temperature: shown(parameters.temperature),
    top_p: shown(parameters.top_p),
    max_output_tokens: shown(parameters.max_output_tokens),
    seed: shown(parameters.seed),
    tools: asText(draft.tools),
    source_ids: asText(draft.source_ids),
    schemas: asText(draft.schemas),
    max_steps: shown(limits.max_steps),
    max_seconds: shown(limits.max_seconds),
    max_rows: shown(limits.max_rows),
    max_cost_usd: shown(limits.max_cost_usd),
    starters: draft.starters.join('\n'),
    numbers: draft.numbers,
    memory: draft.memory,
    report: draft.report,
  };
}

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const number = (text: string) => (text.trim() === '' ? null : Number(text));

export function definitionOf(values: AgentValues): AgentDefinition {
  const cost = number(values.max_cost_usd);
  return {
    instructions: values.instructions,
    model_id: values.model_id || null,
    fallback_model_id: values.fallback_model_id || null,
    workflow: values.workflow as AgentWorkflow,
    routing_model_id: values.routing_model_id || null,
    mentions: JSON.parse(values.mentions) as AgentDefinition['mentions'],
    parameters: {
      temperature: number(values.temperature),
      top_p: number(values.top_p),
      max_output_tokens: number(values.max_output_tokens),
      seed: number(values.seed),
    },
    tools: JSON.parse(values.tools) as AgentDefinition['tools'],
    source_ids: JSON.parse(values.source_ids) as string[] | null,
    schemas: JSON.parse(values.schemas) as AgentDefinition['schemas'],
    limits: {
      max_steps: number(values.max_steps),
      max_seconds: number(values.max_seconds),
      max_rows: number(values.max_rows),
      max_cost_usd: cost === null ? null : String(cost),
    },
    starters: lines(values.starters),
    memory: values.memory === 'agent' ? 'agent' : 'off',
    numbers: values.numbers as NumberPolicy,
    report: values.report as AgentReport,
  };
}

/** What is saved apart from the draft, at once: only what differs. */
export function patchOf(values: AgentValues, agent: AgentDetail) {
  const name = values.name.trim();
  const description = values.description.trim();
  const visibility = values.visibility as AgentVisibility;
  return {
    ...(name === agent.name ? {} : { name }),
    ...(description === agent.description ? {} : { description }),
    ...(visibility === agent.visibility ? {} : { visibility }),
  };
}

/** Lowest and highest of each number; whole ones only unless said otherwise. */
type Key = keyof (typeof messages)['en'];

interface Range {
  label: Key;
  low: number;
  high: number;
  fraction?: boolean;
}

const RANGES: Record<string, Range> = {
  temperature: { label: 'temperature', low: 0, high: 2, fraction: true },
  top_p: { label: 'topP', low: 0.001, high: 1, fraction: true },
  max_output_tokens: { label: 'maxTokens', low: 1, high: 200_000 },
  seed: { label: 'seed', low: 0, high: 2 ** 31 - 1 },
  max_steps: { label: 'maxSteps', low: 1, high: 200 },
  max_seconds: { label: 'maxSeconds', low: 5, high: 86_400 },
  max_rows: { label: 'maxRows', low: 1, high: 1_000_000 },
  max_cost_usd: { label: 'maxCost', low: 0.0001, high: 10_000, fraction: true },
};

function outOfRange(text: string, { low, high, fraction }: Range): boolean {
  const value = number(text);
  if (value === null) return false;
  const whole = fraction === true || Number.isInteger(value);
  return !whole || !(value >= low && value <= high);
}

export function checkAgent(values: AgentValues, t: Translate<Key>): Errors<AgentValues> {
  const errors: Errors<AgentValues> = {};
  if (values.name.trim() === '') errors.name = t('needName');
  for (const [field, range] of Object.entries(RANGES)) {
    if (outOfRange(values[field] ?? '', range))
      errors[field] = t('range', { field: t(range.label), low: range.low, high: range.high });
  }
  if (lines(values.starters).length > MOST_STARTERS)
    errors.starters = t('tooManyStarters', { count: MOST_STARTERS });
  if (values.model_id !== '' && values.model_id === values.fallback_model_id)
    errors.fallback_model_id = t('sameModel');
  return errors;
}
