import { undo } from '@codemirror/commands';
import { EditorView } from '@codemirror/view';
import { act, render } from '@testing-library/react';
import { useState } from 'react';
import { describe, expect, it, vi } from 'vitest';
import { useEditor, type EditorOptions } from './use-editor';

function Editor(options: EditorOptions) {
  return <div data-testid="host" ref={useEditor(options)} />;
}

function editorIn(host: HTMLElement): EditorView {
  const element = host.shadowRoot?.querySelector<HTMLElement>('.cm-editor');
  const view = element ? EditorView.findFromDOM(element) : null;
  if (!view) throw new Error('no editor here');
  return view;
}

const type = (view: EditorView, insert: string) =>
  view.dispatch({ changes: { from: view.state.doc.length, insert }, userEvent: 'input.type' });

const nothing = () => [];

describe('useEditor', () => {
  it('keeps text, cursor and what can be undone when its extensions change', () => {
    function Owner({ extend }: Pick<EditorOptions, 'extend'>) {
      const [value, setValue] = useState('select 1');
      return <Editor value={value} onChange={setValue} label="SQL" extend={extend} />;
    }
    const { getByTestId, rerender } = render(<Owner extend={nothing} />);
    const view = editorIn(getByTestId('host'));
    act(() => {
      type(view, ' + 1');
      view.dispatch({ selection: { anchor: 3 } });
    });
    const seen = vi.fn(() => EditorView.editorAttributes.of({ class: 'later' }));
    rerender(<Owner extend={seen} />);
    expect(seen).toHaveBeenCalledWith('select 1 + 1');
    expect(editorIn(getByTestId('host'))).toBe(view);
    expect(view.dom).toHaveClass('later');
    expect(view.state.selection.main.anchor).toBe(3);
    act(() => void undo(view));
    expect(view.state.doc.toString()).toBe('select 1');
  });

  it('says what is typed and not what it was given', () => {
    const onChange = vi.fn();
    const editor = (value: string) => (
      <Editor value={value} onChange={onChange} label="SQL" extend={nothing} />
    );
    const { getByTestId, rerender } = render(editor('a'));
    const view = editorIn(getByTestId('host'));
    rerender(editor('b'));
    expect(view.state.doc.toString()).toBe('b');
    expect(onChange).not.toHaveBeenCalled();
    act(() => type(view, 'c'));
    expect(onChange).toHaveBeenCalledExactlyOnceWith('bc');
  });

  it('takes no key back when two are typed before the page draws', () => {
    function Owner() {
      const [value, setValue] = useState('');
      return <Editor value={value} onChange={setValue} label="SQL" extend={nothing} />;
    }
    const { getByTestId } = render(<Owner />);
    const view = editorIn(getByTestId('host'));
    act(() => {
      type(view, 'a');
      type(view, 'b');
    });
    expect(view.state.doc.toString()).toBe('ab');
  });

  it('has its name in the shadow root', () => {
    const { getByTestId } = render(
      <Editor value="" onChange={vi.fn()} label="SQL" hint="Runs with Enter" extend={nothing} />,
    );
    const { contentDOM } = editorIn(getByTestId('host'));
    expect(contentDOM).toHaveAttribute('aria-label', 'SQL');
    expect(contentDOM).toHaveAttribute('aria-description', 'Runs with Enter');
  });
});
