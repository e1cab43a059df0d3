/** A stretch of a text that becomes a button; offsets in UTF-16 units. */
export interface Mark {
  start: number;
  end: number;
  /** Value of `data-cite`; `asked` is marked without a button. */
  kind: string;
  label: string;
}

const OPEN = '\uE000';
const CLOSE = '\uE001';
const SIGNS = /[\uE000\uE001]/g;

/** Puts signs around the marks that Markdown passes through as text. */
export function withSigns(text: string, marks: readonly Mark[]): string {
  let out = '';
  let at = 0;
  for (const { start, end } of marks) {
    if (start < at || end <= start) continue;
    out += `${text.slice(at, start).replace(SIGNS, '')}${OPEN}${text.slice(start, end).replace(SIGNS, '')}${CLOSE}`;
    at = end;
  }
  return out + text.slice(at).replace(SIGNS, '');
}

/** Marks that {@link withSigns} puts into a text, in order. */
export function placed(marks: readonly Mark[]): Mark[] {
  let at = 0;
  return marks.filter(({ start, end }) => {
    if (start < at || end <= start) return false;
    at = end;
    return true;
  });
}

function figure(mark: Mark, index: number, text: string): HTMLElement {
  const made = document.createElement(mark.kind === 'asked' ? 'span' : 'button');
  made.dataset.cite = mark.kind;
  made.textContent = text;
  if (made instanceof HTMLButtonElement) {
    made.type = 'button';
    made.dataset.testid = 'cite';
    made.dataset.index = String(index);
    made.className = 'cite';
    made.setAttribute('aria-haspopup', 'dialog');
    made.setAttribute('aria-label', `${text}, ${mark.label}`);
  }
  return made;
}

/** Replaces the signs in a sanitised fragment by buttons; a sign that lost its partner goes. */
export function markFigures(root: Node, marks: readonly Mark[]): void {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) texts.push(walker.currentNode as Text);
  let index = 0;
  for (const node of texts) {
    const pieces = node.data.split(/(\uE000[^\uE000\uE001]*\uE001)/);
    if (pieces.length === 1) {
      if (SIGNS.test(node.data)) node.data = node.data.replace(SIGNS, '');
      SIGNS.lastIndex = 0;
      continue;
    }
    const made = pieces.map((piece) => {
      const text = piece.replace(SIGNS, '');
      const mark = piece.startsWith(OPEN) ? marks[index] : undefined;
      if (!mark) return document.createTextNode(text);
      return figure(mark, index++, text);
    });
    node.replaceWith(...made);
  }
}
