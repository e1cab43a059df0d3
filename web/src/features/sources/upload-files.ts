/** What the server reads, by the ending of the name. */
export const FILE_TYPES = ['.csv', '.tsv', '.parquet', '.json', '.jsonl', '.ndjson', '.xlsx'];
export const FILE_MAX = 512 * 1024 * 1024;

export type FileProblem = 'badType' | 'tooBig' | 'emptyFile';

/** Why a file would be refused, known before a byte is sent. */
export function fileProblem(file: Pick<File, 'name' | 'size'>): FileProblem | null {
  const name = file.name.toLowerCase();
  if (!FILE_TYPES.some((ending) => name.endsWith(ending))) return 'badType';
  if (file.size > FILE_MAX) return 'tooBig';
  return file.size === 0 ? 'emptyFile' : null;
}

/** Adds files to a list; one of the same name replaces the earlier. */
export function addFiles(before: readonly File[], added: readonly File[]): File[] {
  const names = new Set(added.map((file) => file.name));
  return [...before.filter((file) => !names.has(file.name)), ...added];
}
