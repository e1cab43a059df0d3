import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { sql } from '@codemirror/lang-sql';
import { bracketMatching, syntaxHighlighting } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { editorColours, editorTheme, typeOver } from './looks';

export interface TextEditorProps {
  value: string;
  onChange: (value: string) => void;
  label: string;
  /** Colours where they are known; anything else is plain text. */
  language?: string | null;
}

const tall = EditorView.theme({ '.cm-scroller': { maxHeight: '65vh', minHeight: '16rem' } });

/** An editor of texts and code; loaded on its own because CodeMirror is large. */
export default function TextEditor(props: TextEditorProps) {
  const { value, label, language } = props;
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
    const editor = new EditorView({
      parent: root,
      root,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          lineNumbers(),
          history(),
          bracketMatching(),
          keymap.of([...defaultKeymap, ...historyKeymap]),
          language === 'sql' ? sql() : [],
          syntaxHighlighting(editorColours),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
          typeOver,
          editorTheme,
          tall,
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
    };
  }, [label, language]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  return <div ref={host} />;
}
