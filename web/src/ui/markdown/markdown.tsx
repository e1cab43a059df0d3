import { memo, type Ref } from 'react';
import type { Mark } from './marks';
import { renderMarkdown } from './render';
import './markdown.css';

export interface MarkdownProps {
  text: string;
  /** Figures that become buttons; whoever gives them listens on `ref`. */
  marks?: readonly Mark[];
  ref?: Ref<HTMLDivElement>;
}

/** An answer's text. It is the only place where HTML made from a model's text enters the page. */
export const Markdown = memo(function Markdown({ text, marks, ref }: MarkdownProps) {
  return (
    <div
      ref={ref}
      className="markdown text-lg"
      dangerouslySetInnerHTML={{ __html: renderMarkdown(text, marks) }}
    />
  );
});
