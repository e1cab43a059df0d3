import { autocompletion, closeBrackets, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { sql } from '@codemirror/lang-sql';
import { bracketMatching, syntaxHighlighting } from '@codemirror/language';
import { EditorState, Prec, type Extension } from '@codemirror/state';
import { Decoration, EditorView, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import type { Catalog, Engine } from '@/api/types';
import { editorColours, editorTheme, typeOver } from '@/ui/code/looks';
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

/** Underlines the word at the position the database complained about. */
function errorMark(value: string, errorAt: number | null | undefined): Extension {
  if (errorAt == null || errorAt < 1 || errorAt > value.length) return [];
  const word = /^[\w"]+/.exec(value.slice(errorAt - 1));
  const to = Math.min(value.length, errorAt - 1 + Math.max(1, word?.[0].length ?? 1));
  const mark = Decoration.mark({ class: 'cm-error-at' }).range(errorAt - 1, to);
  return EditorView.decorations.of(Decoration.set([mark]));
}

/** The SQL editor; loaded on its own because CodeMirror is large. */
export default function SqlEditor(props: SqlEditorProps) {
  const { value, label, hint, catalog, engine, errorAt } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    if (!host.current) return undefined;
    // Only in a shadow root does CodeMirror adopt its styles instead of writing a style element,
    // which the content security policy refuses.
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' });
    const { value: doc } = latest.current;
    const run = (editor: EditorView) => {
      latest.current.onRun(editor.state.doc.toString());
      return true;
    };
    const runSelection = (editor: EditorView) => {
      const { from, to } = editor.state.selection.main;
      if (from === to) return run(editor);
      latest.current.onRun(editor.state.sliceDoc(from, to));
      return true;
    };
    const editor = new EditorView({
      parent: root,
      root,
      state: EditorState.create({
        doc,
        extensions: [
          Prec.highest(
            keymap.of([
              { key: 'Mod-Enter', run },
              { key: 'Mod-Shift-Enter', run: runSelection },
            ]),
          ),
          lineNumbers(),
          history(),
          bracketMatching(),
          closeBrackets(),
          autocompletion(),
          keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
          sql({
            dialect: dialectOf(engine),
            schema: schemaOf(catalog),
            upperCaseKeywords: true,
          }),
          syntaxHighlighting(editorColours),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, 'aria-description': hint }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
          errorMark(doc, errorAt),
          typeOver,
          editorTheme,
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
    };
  }, [catalog, engine, label, hint, errorAt]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  return <div ref={host} />;
}
