import type { Model, ModelInput, ModelPatch, Price, Provider } from '@/api/types';
import { isHttpUrl, isPrice } from '@/lib/checks';
import type { Errors } from '@/lib/form';
import type { Translate } from '@/lib/i18n';
import type { KeyChange } from './key-field';
import type { messages } from './messages';

export interface ModelValues extends Record<string, string> {
  provider: string;
  name: string;
  model_name: string;
  endpoint_url: string;
  api_key: string;
  input: string;
  output: string;
}

const price = (value: number | null | undefined) => (value == null ? '' : String(value));

const EMPTY: ModelValues = {
  provider: 'openai',
  name: '',
  model_name: '',
  endpoint_url: '',
  api_key: '',
  input: '',
  output: '',
};

export function initialModel(model: Model | undefined): ModelValues {
  if (!model) return EMPTY;
  const { provider, name, model_name } = model;
  return {
    ...EMPTY,
    provider,
    name,
    model_name,
    endpoint_url: model.endpoint_url ?? '',
    input: price(model.price.input),
    output: price(model.price.output),
  };
}

const amount = (text: string) => (text.trim() === '' ? null : Number(text));

/** Unknown prices travel as null, never as 0. */
function toPrice(values: ModelValues): Price {
  return { input: amount(values.input), output: amount(values.output) };
}

function shared(values: ModelValues): Partial<Omit<ModelInput, 'provider'>> {
  const endpoint = values.endpoint_url.trim();
  return {
    name: values.name.trim(),
    price: toPrice(values),
    ...(values.model_name.trim() === '' ? {} : { model_name: values.model_name.trim() }),
    ...(endpoint === '' ? {} : { endpoint_url: endpoint }),
    // An empty field means the stored key stays.
    ...(values.api_key.trim() === '' ? {} : { api_key: values.api_key.trim() }),
  };
}

export function toInput(values: ModelValues): ModelInput {
  const provider = values.provider as ModelInput['provider'];
  return { ...shared(values), name: values.name.trim(), provider };
}

/** Only what differs from the model, so that an edit of the name asks for no key and no test. */
export function toPatch(values: ModelValues, model: Model, change: KeyChange = 'keep'): ModelPatch {
  const before = initialModel(model);
  const same = (...fields: (keyof ModelValues & string)[]) =>
    fields.every((field) => values[field]?.trim() === before[field]);
  const { name, model_name, endpoint_url = null, api_key, price } = shared(values);
  return {
    ...(same('name') ? {} : { name }),
    // Any word on the model id voids the last test, even the same one.
    ...(same('model_name') ? {} : { model_name }),
    ...(same('endpoint_url') ? {} : { endpoint_url }),
    ...(same('input', 'output') ? {} : { price }),
    ...(change === 'remove' ? { api_key: null } : api_key === undefined ? {} : { api_key }),
  };
}

export interface CheckContext {
  provider: Provider | undefined;
  /** Not a new one: an empty id would change nothing. */
  edited: boolean;
  /** A stored key is kept. */
  keepsKey: boolean;
  t: Translate<keyof (typeof messages)['en']>;
}

type Check = (values: ModelValues, context: CheckContext) => boolean;

const isEmpty = (text: string) => text.trim() === '';

/** For each field, the message and when it is wrong. */
const CHECKS: readonly [keyof ModelValues & string, keyof (typeof messages)['en'], Check][] = [
  ['name', 'needName', ({ name }) => isEmpty(name)],
  [
    'model_name',
    'needModel',
    ({ model_name }, { provider, edited }) =>
      isEmpty(model_name) && (edited || !provider?.default_model),
  ],
  [
    'endpoint_url',
    'needEndpoint',
    ({ endpoint_url }, { provider }) =>
      (provider?.needs_endpoint === true || !isEmpty(endpoint_url)) &&
      !isHttpUrl(endpoint_url.trim()),
  ],
  [
    'api_key',
    'needKey',
    ({ api_key }, { provider, keepsKey }) =>
      provider?.needs_key === true && !keepsKey && isEmpty(api_key),
  ],
  ['input', 'badPrice', ({ input }) => !isPrice(input)],
  ['output', 'badPrice', ({ output }) => !isPrice(output)],
];

export function checkModel(values: ModelValues, context: CheckContext): Errors<ModelValues> {
  const errors: Errors<ModelValues> = {};
  for (const [field, message, wrong] of CHECKS) {
    if (wrong(values, context)) errors[field] = context.t(message);
  }
  return errors;
}
