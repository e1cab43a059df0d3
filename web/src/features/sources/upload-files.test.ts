import { expect, test } from 'vitest';
import { addFiles, fileProblem } from './upload-files';

const MAX = 1000;
const limits = { formats: ['.csv', '.parquet'], maxBytes: MAX };

test.each([
  ['orders.CSV', 10, null],
  ['orders.csv', 0, 'emptyFile'],
  ['orders.parquet', MAX, null],
  ['orders.parquet', MAX + 1, 'tooBig'],
  ['notes.docx', 10, 'badType'],
  ['csv', 10, 'badType'],
] as const)('%s of %d bytes: %s', (name, size, expected) => {
  expect(fileProblem({ name, size }, limits)).toBe(expected);
});

test('before the server has said what it takes, only an empty file is refused', () => {
  const unknown = { formats: null, maxBytes: null };
  expect(fileProblem({ name: 'notes.docx', size: 10 }, unknown)).toBeNull();
  expect(fileProblem({ name: 'notes.docx', size: 0 }, unknown)).toBe('emptyFile');
});

test('a file of the same name replaces the earlier one', () => {
  const [old, other, fresh] = ['a.csv', 'b.csv', 'a.csv'].map((name) => new File(['1'], name));
  if (!old || !other || !fresh) throw new Error('three files');
  expect(addFiles([old, other], [fresh])).toEqual([other, fresh]);
});
