import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, syntaxHighlighting } from '@codemirror/language';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef, type RefObject } from 'react';
import { editorColours, editorTheme, typeOver } from './looks';

export interface EditorOptions {
  value: string;
  onChange: (value: string) => void;
  label: string;
  /** Read after the label; ids do not reach into the editor's shadow root. */
  hint?: string;
  /** What this editor has beside the others', for the text it begins with; a new one begins anew. */
  extend: (doc: string) => Extension;
}

/** Puts an editor into the element that takes the ref; CodeMirror is large, so load it on its own. */
export function useEditor(options: EditorOptions): RefObject<HTMLDivElement | null> {
  const { value, label, hint, extend } = options;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });

  useEffect(() => {
    if (!host.current) return undefined;
    // Only in a shadow root does CodeMirror adopt its styles instead of writing a style element,
    // which the content security policy refuses.
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' });
    const { value: doc } = latest.current;
    const editor = new EditorView({
      parent: root,
      root,
      state: EditorState.create({
        doc,
        extensions: [
          // First, so that its keys and looks win.
          extend(doc),
          lineNumbers(),
          history(),
          bracketMatching(),
          keymap.of([...defaultKeymap, ...historyKeymap]),
          syntaxHighlighting(editorColours),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({
            'aria-label': label,
            ...(hint === undefined ? {} : { 'aria-description': hint }),
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
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
  }, [label, hint, extend]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  return host;
}
