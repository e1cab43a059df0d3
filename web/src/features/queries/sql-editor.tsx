import { autocompletion, closeBrackets, completionKeymap } from '@codemirror/autocomplete';
import { sql } from '@codemirror/lang-sql';
import { Prec, StateField, type Extension } from '@codemirror/state';
import { Decoration, EditorView, keymap, type DecorationSet } from '@codemirror/view';
import { useCallback, useEffect, useRef } from 'react';
import type { Catalog, Engine } from '@/api/types';
import { useEditor } from '@/ui/code/use-editor';
import { dialectOf } from './sql-dialect';

export interface SqlEditorProps {
  value: string;
  onChange: (value: string) => void;
  onRun: (sql: string) => void;
  label: string;
  /** Read after the label; ids do not reach into the editor's shadow root. */
  hint: string;
  catalog: Catalog | undefined;
  /** Whose SQL it is; until it is known, PostgreSQL's. */
  engine: Engine | undefined;
  /** Character offset from 1 where the database saw the error. */
  errorAt?: number | null;
}

const schemaOf = (catalog: Catalog | undefined) =>
  Object.fromEntries(
    (catalog?.tables ?? []).map(({ name, columns }) => [
      name,
      columns.map((column) => column.name),
    ]),
  );

/** Runs everything, or with Shift what is selected. */
function runKeys(run: (text: string) => void): Extension {
  const runAll = (editor: EditorView) => {
    run(editor.state.doc.toString());
    return true;
  };
  const runSelection = (editor: EditorView) => {
    const { from, to } = editor.state.selection.main;
    if (from === to) return runAll(editor);
    run(editor.state.sliceDoc(from, to));
    return true;
  };
  return Prec.highest(
    keymap.of([
      { key: 'Mod-Enter', run: runAll },
      { key: 'Mod-Shift-Enter', run: runSelection },
    ]),
  );
}

/** Underlines the word at the position the database complained about, until the text changes. */
function errorMark(value: string, errorAt: number | null | undefined): Extension {
  if (errorAt == null || errorAt < 1 || errorAt > value.length) return [];
  const word = /^[\w"]+/.exec(value.slice(errorAt - 1));
  const to = Math.min(value.length, errorAt - 1 + Math.max(1, word?.[0].length ?? 1));
  const mark = Decoration.mark({ class: 'cm-error-at' }).range(errorAt - 1, to);
  return StateField.define<DecorationSet>({
    create: () => Decoration.set([mark]),
    update: (marks, { docChanged }) => (docChanged ? Decoration.none : marks),
    provide: (field) => EditorView.decorations.from(field),
  });
}

/** The SQL editor. */
export default function SqlEditor(props: SqlEditorProps) {
  const { catalog, engine, errorAt, onRun, ...editor } = props;
  const run = useRef(onRun);
  useEffect(() => {
    run.current = onRun;
  });
  const extend = useCallback(
    (doc: string) => [
      runKeys((text) => run.current(text)),
      closeBrackets(),
      autocompletion(),
      keymap.of([...completionKeymap]),
      sql({ dialect: dialectOf(engine), schema: schemaOf(catalog), upperCaseKeywords: true }),
      errorMark(doc, errorAt),
    ],
    [catalog, engine, errorAt],
  );
  return <div ref={useEditor({ ...editor, extend })} />;
}
