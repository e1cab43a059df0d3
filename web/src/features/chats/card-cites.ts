import type { AnswerCard, CardDelta, CardValue } from '@/api/answer-parts';
import type { Citation, CitedCell } from '@/api/parts';

function cellOf({ query, source_name: source }: AnswerCard, value: CardValue): CitedCell {
  const { ref, raw } = value;
  return {
    query: query.handle,
    version: ref.version,
    query_id: ref.query_id,
    result_id: query.result_id,
    row: ref.row,
    key: ref.key,
    column: ref.column,
    value: raw,
    line: query.lines[ref.column] ?? null,
    source,
    ran_at: query.ran_at,
  };
}

const receipt = (shown: string, fields: Partial<Citation>): Citation => ({
  text: 0,
  start: 0,
  end: shown.length,
  shown,
  kind: 'exact',
  value: null,
  type: null,
  formula: null,
  format: null,
  cells: [],
  reason: null,
  ...fields,
});

/** The receipt of one value of a card. */
export const valueCite = (card: AnswerCard, value: CardValue): Citation =>
  receipt(value.text, { value: value.raw, cells: [cellOf(card, value)] });

/** The receipt of a difference: both of its cells, and how it is computed. */
export const deltaCite = (card: AnswerCard, delta: CardDelta, shown: string): Citation =>
  receipt(shown, {
    kind: 'derived',
    value: delta.text,
    formula: delta.formula,
    cells: [cellOf(card, delta.minuend), cellOf(card, delta.subtrahend)],
  });

/** Every figure of a card in the order of its buttons. */
export function citesOf(card: AnswerCard): Citation[] {
  if (card.kind === 'single_fact') return [valueCite(card, card.value)];
  if (card.kind === 'comparison')
    return [
      ...card.entries.map(({ value }) => valueCite(card, value)),
      ...(card.delta ? [deltaCite(card, card.delta, deltaText(card.delta))] : []),
    ];
  return card.groups.flatMap((group) => [
    ...group.points.map(({ value }) => valueCite(card, value)),
    deltaCite(card, group.change, group.change_text),
  ]);
}

/** `+€20 (+25.0%)` */
export const deltaText = ({ text, percent_text: percent }: CardDelta): string =>
  percent ? `${text} (${percent})` : text;
