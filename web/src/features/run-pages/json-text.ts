import { formatBytes } from '@/lib/format';

const BASE64 = /^(?:data:[\w/+.-]+;base64,)?[A-Za-z0-9+/]{2000,}={0,2}$/;

/** Indented JSON, with long base64 replaced by its size: nobody reads it. */
export function jsonText(value: unknown, binary: (size: string) => string): string {
  const shown = JSON.stringify(
    value,
    (_, item: unknown) =>
      typeof item === 'string' && BASE64.test(item)
        ? `[${binary(formatBytes((item.length * 3) / 4))}]`
        : item,
    2,
  ) as string | undefined;
  return shown ?? 'null';
}
