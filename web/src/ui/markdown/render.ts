import createDOMPurify from 'dompurify';
import { Marked } from 'marked';
import { markFigures, placed, withSigns, type Mark } from './marks';

const ALLOWED_TAGS = [
  ...['p', 'br', 'hr', 'strong', 'em', 'del', 'code', 'pre', 'blockquote', 'a', 'ul', 'ol', 'li'],
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'input'],
  ...['div', 'span'],
];
const ALLOWED_ATTR = [
  'href',
  'title',
  'align',
  'start',
  'type',
  'checked',
  'disabled',
  'class',
  'tabindex',
];

const escapeHtml = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** Only http, https and mail addresses lead anywhere; everything else stays text. */
function safeUrl(href: string): URL | null {
  try {
    const url = new URL(href, 'https://relative.invalid');
    const relative = url.hostname === 'relative.invalid';
    return !relative && ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

/** A link that says where it leads: a model may write any text over any address. */
function link(href: string, label: string): string {
  const url = safeUrl(href);
  if (url === null) return label;
  const host = url.protocol === 'mailto:' ? url.pathname : url.host;
  const shown = label.includes(host) ? '' : ` <span class="link-host">(${escapeHtml(host)})</span>`;
  return `<a href="${escapeHtml(url.href)}">${label}</a>${shown}`;
}

const marked = new Marked({
  gfm: true,
  breaks: false,
  renderer: {
    // Raw HTML of the model is shown as the text it is.
    html: ({ text }) => escapeHtml(text),
    link(token) {
      return link(token.href, this.parser.parseInline(token.tokens));
    },
    // An image would be fetched from wherever the model says; it becomes a link to follow by choice.
    image: ({ href, text }) => link(href, escapeHtml(text || 'image')),
  },
});

const purify = createDOMPurify(window);
purify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName !== 'A') return;
  node.setAttribute('target', '_blank');
  node.setAttribute('rel', 'noopener noreferrer nofollow');
});

/** Wide tables scroll inside themselves, by keyboard too. Raw HTML cannot get here: it is escaped. */
const scrollingTables = (html: string) =>
  html
    .replaceAll('<table>', '<div class="table-scroll" tabindex="0"><table>')
    .replaceAll('</table>', '</table></div>');

const SAFE = { ALLOWED_TAGS, ALLOWED_ATTR, ALLOW_DATA_ATTR: false, ALLOW_ARIA_ATTR: false };
const NO_MARKS: readonly Mark[] = [];

/**
 * Markdown to HTML that is safe to place in the page: no scripts, images, styles or forms. Marks
 * become buttons of ours, made after everything else was sanitised.
 */
export function renderMarkdown(text: string, marks = NO_MARKS): string {
  const html = scrollingTables(marked.parse(withSigns(text, marks), { async: false }));
  if (marks.length === 0) return purify.sanitize(html, SAFE);
  const fragment = purify.sanitize(html, { ...SAFE, RETURN_DOM_FRAGMENT: true });
  markFigures(fragment, placed(marks));
  const box = document.createElement('div');
  box.append(fragment);
  return box.innerHTML;
}
