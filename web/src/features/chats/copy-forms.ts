import type { Citation, Part } from '@/api/parts';
import { answerBlocks, type AnswerBlock } from './answer-blocks';

/** A receipt on one line: what it is, where it lies, when it was read. */
export function reference(cite: Citation): string {
  const cells = cite.cells.map(({ query, version, row, key, column, value }) => {
    const names = Object.entries(key).map(([name, said]) => `${name}=${said}`);
    const place = row === null ? 'all rows' : names.join(', ') || `row ${row + 1}`;
    return `${query} v${version}, ${place}${column === null ? '' : `, ${column}`}${value === null ? '' : ` = ${value}`}`;
  });
  const formula = cite.kind === 'derived' && cite.formula ? [`ƒ ${cite.formula}`] : [];
  const from = cite.cells[0];
  const source = from?.source ? [`${from.source}, ${from.ran_at ?? ''}`.replace(/, $/, '')] : [];
  return [`${cite.shown} (${cite.kind})`, ...formula, ...cells, ...source].join(' · ');
}

function card(block: Exclude<AnswerBlock, { kind: 'text' }>): string {
  if (block.kind === 'request') return `[${block.request.title}]`;
  return block.kind === 'query'
    ? `[${block.version.handle}${block.version.title ? `: ${block.version.title}` : ''}]`
    : `[${block.chart.handle}: ${block.chart.title}]`;
}

/** Markdown with a number behind every figure and its receipt at the end. */
export function withReferences(parts: readonly Part[]): string {
  const notes: string[] = [];
  const blocks = answerBlocks(parts).map((block) => {
    if (block.kind !== 'text') return card(block);
    let out = '';
    let at = 0;
    for (const cite of block.cites) {
      if (cite.kind === 'asked') continue;
      notes.push(reference(cite));
      out += `${block.text.slice(at, cite.end)}[^${notes.length}]`;
      at = cite.end;
    }
    return (out + block.text.slice(at)).trim();
  });
  const list = notes.map((note, index) => `[^${index + 1}]: ${note}`);
  return [...blocks, ...(list.length > 0 ? [list.join('\n')] : [])].join('\n\n');
}

/** The words alone: no signs of Markdown, cards by their handles. */
export function plainText(parts: readonly Part[]): string {
  return answerBlocks(parts)
    .map((block) => {
      if (block.kind !== 'text') return card(block);
      return block.text
        .replace(/^ {0,3}#{1,6} /gm, '')
        .replace(/(\*\*|__)(.+?)\1/g, '$2')
        .replace(/`([^`\n]+)`/g, '$1')
        .replace(/\\([\\`*_[\]<>{}|~])/g, '$1')
        .trim();
    })
    .join('\n\n');
}
