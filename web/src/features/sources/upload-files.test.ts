import { expect, test } from 'vitest';
import { addFiles, FILE_MAX, fileProblem } from './upload-files';

test.each([
  ['orders.CSV', 10, null],
  ['orders.csv', 0, 'emptyFile'],
  ['orders.parquet', FILE_MAX, null],
  ['orders.parquet', FILE_MAX + 1, 'tooBig'],
  ['notes.docx', 10, 'badType'],
  ['csv', 10, 'badType'],
] as const)('%s of %d bytes: %s', (name, size, expected) => {
  expect(fileProblem({ name, size })).toBe(expected);
});

test('a file of the same name replaces the earlier one', () => {
  const [old, other, fresh] = ['a.csv', 'b.csv', 'a.csv'].map((name) => new File(['1'], name));
  if (!old || !other || !fresh) throw new Error('three files');
  expect(addFiles([old, other], [fresh])).toEqual([other, fresh]);
});
