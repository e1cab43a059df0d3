import { expect, test } from 'vitest';
import { fakeModel } from '@/testing/fakes';
import { initialModel, toInput, toPatch } from './model-values';

test('a stored key is in no value of the form, and an untouched key is not sent', () => {
  const model = fakeModel({ endpoint_url: 'https://models.example/v1' });
  const values = initialModel(model);
  expect(JSON.stringify(values)).not.toContain('x7Q2');
  expect(toPatch(values, model)).not.toHaveProperty('api_key');
});

test('a rename sends the name alone: no key is asked for, and the last test stays valid', () => {
  const model = fakeModel({ endpoint_url: 'https://models.example/v1' });
  const patch = toPatch({ ...initialModel(model), name: 'Fast' }, model);
  expect(patch).toEqual({ name: 'Fast' });
});

test('an address that was taken out is said, so that the provider’s own is used again', () => {
  const model = fakeModel({ endpoint_url: 'https://models.example/v1' });
  const patch = toPatch({ ...initialModel(model), endpoint_url: ' ' }, model);
  expect(patch).toEqual({ endpoint_url: null });
});

test('a price that was taken out is unknown again', () => {
  const model = fakeModel({ price: { input: 1.25, output: 10 } });
  const patch = toPatch({ ...initialModel(model), input: '' }, model);
  expect(patch).toEqual({ price: { input: null, output: 10 } });
});

test('an unknown price stays unknown', () => {
  const model = fakeModel({ price: { input: null, output: 0 } });
  const input = toInput(initialModel(model));
  expect(input.price).toEqual({ input: null, output: 0 });
});

test('removing a key is said, not left out', () => {
  const model = fakeModel();
  expect(toPatch(initialModel(model), model, 'remove')).toMatchObject({ api_key: null });
});
