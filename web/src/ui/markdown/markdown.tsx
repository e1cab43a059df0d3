import { memo } from 'react';
import { renderMarkdown } from './render';
import './markdown.css';

/** An answer's text. It is the only place where HTML made from a model's text enters the page. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return (
    <div className="markdown text-lg" dangerouslySetInnerHTML={{ __html: renderMarkdown(text) }} />
  );
});
