import type { AnswerCard } from '@/api/answer-parts';
import type { ChartRef, Citation, Part } from '@/api/parts';
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

/** A card in words: its title, then a line for every value. */
function cardLines(card: AnswerCard): string {
  const { title, query } = card;
  const unit = card.unit ? ` ${card.unit}` : '';
  const line = (name: string, value: string) => `- ${name}: ${value}${unit}`;
  const lines =
    card.kind === 'single_fact'
      ? [line([title, card.subject, card.period].filter(Boolean).join(', '), card.value.text)]
      : card.kind === 'comparison'
        ? card.entries.map(({ label, value }) => line(label, value.text))
        : card.groups.flatMap(({ label, points }) =>
            points.map(({ x, value }) => line([label, x].filter(Boolean).join(', '), value.text)),
          );
  return [`${title} (${query.handle} v${query.version})`, ...lines].join('\n');
}

function card(block: Exclude<AnswerBlock, { kind: 'text' }>): string {
  if (block.kind === 'request') return `[${block.request.title}]`;
  if (block.kind === 'card') return cardLines(block.card);
  if (block.kind === 'refusal')
    return [block.refusal.explanation, block.refusal.nearest, ...block.others]
      .filter(Boolean)
      .join('\n\n');
  if (block.kind === 'options') {
    const { question, options } = block.options;
    const list = options.map((option, index) => `${index + 1}. ${option}`);
    return [...(block.asked ? [] : [question, '']), ...list].join('\n');
  }
  if (block.kind === 'document') return `[${block.document.handle}: ${block.document.title}]`;
  return block.kind === 'query'
    ? `[${block.version.handle}${block.version.title ? `: ${block.version.title}` : ''}]`
    : `[${block.chart.handle}: ${block.chart.title}]`;
}

/** Markdown with a number behind every figure and its receipt at the end. */
export function withReferences(parts: readonly Part[]): string {
  const notes: string[] = [];
  const cited = (text: string, cites: readonly Citation[]) => {
    let out = '';
    let at = 0;
    for (const cite of cites) {
      if (cite.kind === 'asked') continue;
      notes.push(reference(cite));
      out += `${text.slice(at, cite.end)}[^${notes.length}]`;
      at = cite.end;
    }
    return (out + text.slice(at)).trim();
  };
  const chart = ({ handle, title, figures = [] }: ChartRef) => {
    const said = figures.map(({ path, text, cites }) => [path, cited(text, cites)] as const);
    const head = said.find(([path]) => path === '')?.[1] ?? title;
    const words = said.filter(([path]) => path !== '').map(([, text]) => `- ${text}`);
    return [`[${handle}: ${head}]`, ...words].join('\n');
  };
  const blocks = answerBlocks(parts).map((block) => {
    if (block.kind === 'text') return cited(block.text, block.cites);
    return block.kind === 'chart' ? chart(block.chart) : card(block);
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
