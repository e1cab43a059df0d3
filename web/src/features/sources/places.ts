import type { Engine, PatternTable, PlaceConfig, RemoteObject } from '@/api/types';
import type { addMessages } from './add-messages';

type Message = keyof (typeof addMessages)['en'];
export type PlaceKind = 'folder' | 'sqlite' | 'objects';

/** Files that lie where the server or its worker reaches them; its operator has allowed where. */
export interface Place {
  engine: Engine;
  title: Message;
  note: Message;
  /** The setting of the operator that the help names. */
  setting: string;
  /** The field of the place, named as the API names it. */
  field: { name: string; label: Message; help: Message; need: Message; lines?: boolean };
  /** Lines `table = pattern`. */
  patterns?: boolean;
  allows: (text: string) => boolean;
  config: (text: string, patterns: string) => PlaceConfig;
}

const NAMED = /^([A-Za-z_]\w*)\s+=\s+(\S.*)$/;
const URL_OF_OBJECT = /^(https?|s3|gs|az):\/\/[^\s@]+$/;

export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** `orders = 2026/*.parquet` in parts; without a name, the place alone. */
function named(line: string): { table?: string; place: string } {
  const [, table, place] = NAMED.exec(line) ?? [];
  return table && place ? { table, place } : { place: line };
}

export function patternsOf(text: string): PatternTable[] | null {
  const found = linesOf(text).map(named);
  const whole = found.flatMap(({ table, place }) => (table ? [{ table, glob: place }] : []));
  return whole.length === found.length ? whole : null;
}

function objectsOf(text: string): RemoteObject[] {
  return linesOf(text).map((line) => {
    const { table, place } = named(line);
    return table ? { table, url: place } : { url: place };
  });
}

const isPath = (text: string) => text.trim().startsWith('/');
const OPERATORS_FOLDERS = 'DATELIER_ALLOWED_FOLDERS';

export const PLACES: Record<PlaceKind, Place> = {
  sqlite: {
    engine: 'sqlite',
    title: 'sqliteTitle',
    note: 'sqliteNote',
    setting: OPERATORS_FOLDERS,
    field: { name: 'path', label: 'sqliteFile', help: 'folderHelp', need: 'needFolder' },
    allows: isPath,
    config: (text) => ({ path: text.trim() }),
  },
  folder: {
    engine: 'files',
    title: 'folderTitle',
    note: 'folderNote',
    setting: OPERATORS_FOLDERS,
    field: { name: 'folder', label: 'folder', help: 'folderHelp', need: 'needFolder' },
    patterns: true,
    allows: isPath,
    config: (text, patterns) => {
      const tables = patternsOf(patterns) ?? [];
      return { folder: text.trim(), ...(tables.length > 0 ? { tables } : {}) };
    },
  },
  objects: {
    engine: 'files',
    title: 'objectsTitle',
    note: 'objectsNote',
    setting: 'DATELIER_ALLOWED_URLS',
    field: {
      name: 'objects',
      label: 'objects',
      help: 'objectsHelp',
      need: 'needObjects',
      lines: true,
    },
    allows: (text) => {
      const found = objectsOf(text);
      return found.length > 0 && found.every(({ url }) => URL_OF_OBJECT.test(url));
    },
    config: (text) => ({ objects: objectsOf(text) }),
  },
};

export function isPlace(kind: string | undefined): kind is PlaceKind {
  return kind !== undefined && Object.hasOwn(PLACES, kind);
}
