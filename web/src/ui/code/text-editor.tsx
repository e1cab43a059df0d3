import { sql } from '@codemirror/lang-sql';
import { EditorView } from '@codemirror/view';
import { useCallback } from 'react';
import { useEditor } from './use-editor';

export interface TextEditorProps {
  value: string;
  onChange: (value: string) => void;
  label: string;
  /** Colours where they are known; anything else is plain text. */
  language?: string | null;
}

const tall = EditorView.theme({ '.cm-scroller': { maxHeight: '65vh', minHeight: '16rem' } });

/** An editor of texts and code. */
export default function TextEditor({ language, ...editor }: TextEditorProps) {
  const extend = useCallback(() => [language === 'sql' ? sql() : [], tall], [language]);
  return <div ref={useEditor({ ...editor, extend })} />;
}
