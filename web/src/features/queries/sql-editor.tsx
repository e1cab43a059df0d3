import { autocompletion, closeBrackets, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { sql } from '@codemirror/lang-sql';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorState, Prec, type Extension } from '@codemirror/state';
import { Decoration, EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import type { Catalog, Engine } from '@/api/types';
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

const theme = EditorView.theme({
  '&': { fontSize: '0.8125rem', backgroundColor: 'var(--surface)', color: 'var(--text)' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.6', maxHeight: '20rem' },
  '.cm-content': { padding: '0.5rem 0', caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--text-subtle)', border: 'none' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground':
    { backgroundColor: 'var(--accent-soft)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    border: '1px solid var(--border)',
    borderRadius: '6px',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--accent-soft)',
    color: 'var(--text)',
  },
  '.cm-error-at': { textDecoration: 'underline wavy var(--danger)', textUnderlineOffset: '3px' },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--accent)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--success)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--warning)' },
  { tag: tags.comment, color: 'var(--text-subtle)' },
]);

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

/**
 * Typing over a selection, done by us: the browser would keep the replaced text's colours in a
 * style attribute, which the content security policy refuses and reports.
 */
const typeOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.inputType !== 'insertText' || event.isComposing || event.data === null) return false;
    if (view.state.selection.main.empty) return false;
    view.dispatch(view.state.replaceSelection(event.data), {
      userEvent: 'input.type',
      scrollIntoView: true,
    });
    event.preventDefault();
    return true;
  },
});

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
          syntaxHighlighting(colours),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, 'aria-description': hint }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
          errorMark(doc, errorAt),
          typeOver,
          theme,
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
