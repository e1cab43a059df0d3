/** What the server takes; unknown until it has said so, and then nothing is refused here. */
export interface UploadLimits {
  formats: readonly string[] | null;
  maxBytes: number | null;
}

export type FileProblem = 'badType' | 'tooBig' | 'emptyFile';

/** Why a file would be refused, known before a byte is sent. */
export function fileProblem(
  file: Pick<File, 'name' | 'size'>,
  { formats, maxBytes }: UploadLimits,
): FileProblem | null {
  const name = file.name.toLowerCase();
  if (formats !== null && !formats.some((ending) => name.endsWith(ending))) return 'badType';
  if (maxBytes !== null && file.size > maxBytes) return 'tooBig';
  return file.size === 0 ? 'emptyFile' : null;
}

/** Adds files to a list; one of the same name replaces the earlier. */
export function addFiles(before: readonly File[], added: readonly File[]): File[] {
  const names = new Set(added.map((file) => file.name));
  return [...before.filter((file) => !names.has(file.name)), ...added];
}
