import { expect, test } from 'vitest';
import { fakeModel } from '@/testing/fakes';
import { initialModel, toInput, toPatch } from './model-values';

test('a stored key is in no value of the form, and an untouched key is not sent', () => {
  const model = fakeModel({ endpoint_url: 'https://models.example/v1' });
  const values = initialModel(model);
  expect(JSON.stringify(values)).not.toContain('x7Q2');
  expect(toPatch(values, model)).not.toHaveProperty('api_key');
});

test('a rename sends no endpoint, so that the server asks for no key', () => {
  const model = fakeModel({ endpoint_url: 'https://models.example/v1' });
  const patch = toPatch({ ...initialModel(model), name: 'Fast' }, model);
  expect(patch).toEqual({ name: 'Fast', model_name: 'gpt-5', price: { input: 1.25, output: 10 } });
});

test('an unknown price stays unknown', () => {
  const model = fakeModel({ price: { input: null, output: 0 } });
  const input = toInput(initialModel(model));
  expect(input.price).toEqual({ input: null, output: 0 });
});
