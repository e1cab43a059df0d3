/**
 * The part of ICU MessageFormat we use: `{name}`, `{n, plural, =0 {…} one {# row} other {# rows}}`
 * and `{kind, select, file {…} other {…}}`, nested as deep as needed. Numbers are written in the
 * locale; text is used as it is.
 */
export type MessageParams = Record<string, string | number>;

const ARGUMENT = /^\s*(\w+)\s*(?:,\s*(plural|select)\s*,([\s\S]*))?$/;

/** The index of the brace that closes the one at `open`; the text's end when none does. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    else if (text[at] === '}') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return text.length;
}

function branches(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let at = 0;
  for (;;) {
    const open = text.indexOf('{', at);
    if (open < 0) return found;
    const end = closing(text, open);
    found.set(text.slice(at, open).trim(), text.slice(open + 1, end));
    at = end + 1;
  }
}

function choose(kind: string, value: string | number, options: string, locale: string): string {
  const map = branches(options);
  const keys =
    kind === 'plural'
      ? [`=${String(value)}`, new Intl.PluralRules(locale).select(Number(value))]
      : [String(value)];
  const key = keys.find((candidate) => map.has(candidate)) ?? 'other';
  return map.get(key) ?? '';
}

function show(value: string | number, locale: string): string {
  return typeof value === 'number' ? new Intl.NumberFormat(locale).format(value) : value;
}

function argument(body: string, locale: string, params: MessageParams): string {
  const match = ARGUMENT.exec(body);
  const name = match?.[1] ?? '';
  const value = params[name] ?? '';
  const [kind, options] = [match?.[2], match?.[3]];
  if (kind === undefined || options === undefined) return show(value, locale);
  const chosen = choose(kind, value, options, locale);
  const filled = kind === 'plural' ? chosen.replaceAll('#', show(value, locale)) : chosen;
  return formatMessage(filled, locale, params);
}

export function formatMessage(text: string, locale: string, params: MessageParams = {}): string {
  let out = '';
  let at = 0;
  for (;;) {
    const open = text.indexOf('{', at);
    if (open < 0) return out + text.slice(at);
    const end = closing(text, open);
    out += text.slice(at, open) + argument(text.slice(open + 1, end), locale, params);
    at = end + 1;
  }
}
