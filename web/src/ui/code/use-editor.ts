import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, syntaxHighlighting } from '@codemirror/language';
import { Annotation, Compartment, EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { editorColours, editorTheme, typeOver } from './looks';

export interface EditorOptions {
  value: string;
  onChange: (value: string) => void;
  label: string;
  /** Read after the label; ids do not reach into the editor's shadow root. */
  hint?: string;
  /** What this editor has beside the others, for the text that is there when it changes. */
  extend: (doc: string) => Extension;
}

/** Marks a change that came from `value`, which the owner of the value knows already. */
const given = Annotation.define<true>();

const named = (label: string, hint: string | undefined) =>
  EditorView.contentAttributes.of({
    'aria-label': label,
    ...(hint === undefined ? {} : { 'aria-description': hint }),
  });

/**
 * Puts an editor into the element that takes the ref; CodeMirror is large, so load it on its own.
 *
 * The effects run before the browser takes the next key: a value that comes back later than that
 * would take away what was typed since.
 */
export function useEditor(options: EditorOptions): RefObject<HTMLDivElement | null> {
  const { value, label, hint, extend } = options;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(options);
  const [own] = useState(() => new Compartment());
  useLayoutEffect(() => {
    latest.current = options;
  });

  useLayoutEffect(() => {
    if (!host.current) return undefined;
    // Only in a shadow root does CodeMirror adopt its styles instead of writing a style element,
    // which the content security policy refuses.
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' });
    const editor = new EditorView({
      parent: root,
      root,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          // First, so that its keys and looks win.
          own.of([]),
          lineNumbers(),
          history(),
          bracketMatching(),
          keymap.of([...defaultKeymap, ...historyKeymap]),
          syntaxHighlighting(editorColours),
          EditorView.lineWrapping,
          EditorView.updateListener.of(({ docChanged, state, transactions }) => {
            if (docChanged && !transactions.some((change) => change.annotation(given)))
              latest.current.onChange(state.doc.toString());
          }),
          typeOver,
          editorTheme,
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
    };
  }, [own]);

  useLayoutEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: value },
      annotations: given.of(true),
    });
  }, [value]);

  // In place: a new editor would lose the focus, the cursor and what can be undone, for instance
  // when the catalog arrives while somebody types.
  useLayoutEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const extensions = [extend(editor.state.doc.toString()), named(label, hint)];
    editor.dispatch({ effects: own.reconfigure(extensions) });
  }, [own, label, hint, extend]);

  return host;
}
