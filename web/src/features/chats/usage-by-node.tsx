import type { ReactNode } from 'react';
import type { NodeUsage } from '@/api/answer-parts';
import { formatCount, formatMoney, UNKNOWN } from '@/lib/format';
import { defineMessages, useT } from '@/lib/i18n';
import { Popover } from '@/ui';

const texts = defineMessages({
  en: {
    label: 'Use by step',
    step: 'Step',
    given: 'Tokens in',
    made: 'Tokens out',
    cost: 'Cost',
    router: 'Understanding the question',
    summarizer: 'Summary of the chat',
    quick_answer: 'Quick answer',
    research: 'Research',
    explain: 'Explanation',
    narrator: 'Telling the answer',
    followup: 'Follow-ups',
    direct: 'Direct answer',
    clarifier: 'Asking back',
    suggester: 'Suggestions',
  },
  fr: {
    label: 'Consommation par étape',
    step: 'Étape',
    given: 'Jetons lus',
    made: 'Jetons écrits',
    cost: 'Coût',
    router: 'Compréhension de la question',
    summarizer: 'Résumé du chat',
    quick_answer: 'Réponse rapide',
    research: 'Recherche',
    explain: 'Explication',
    narrator: 'Rédaction',
    followup: 'Suites',
    direct: 'Réponse directe',
    clarifier: 'Demande de précision',
    suggester: 'Suggestions',
  },
});

const isKnown = (node: string): node is keyof (typeof texts)['en'] => node in texts.en;

interface UsageByNodeProps {
  byNode: Record<string, NodeUsage>;
  /** The count of all tokens, which opens the table. */
  children: ReactNode;
}

/** What each step of a graph has used. */
export default function UsageByNode({ byNode, children }: UsageByNodeProps) {
  const t = useT(texts);
  return (
    <Popover
      label={t('label')}
      className="w-[min(26rem,calc(100vw-1rem))] overflow-x-auto p-3"
      trigger={
        <button
          type="button"
          data-testid="usage-by-node"
          className="nums rounded-sm underline decoration-dotted underline-offset-2 hover:text-fg"
        >
          {children}
        </button>
      }
    >
      <table className="nums w-full text-sm">
        <caption className="pb-1 text-left text-xs text-subtle">{t('label')}</caption>
        <thead className="text-xs text-subtle">
          <tr>
            <th className="text-left font-normal">{t('step')}</th>
            {(['given', 'made', 'cost'] as const).map((name) => (
              <th key={name} className="pl-3 text-right font-normal">
                {t(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Object.entries(byNode).map(([node, usage]) => (
            <tr key={node} className="border-t border-line">
              <th scope="row" className="py-1 text-left font-normal">
                {isKnown(node) ? t(node) : node}
              </th>
              <td className="pl-3 text-right">{formatCount(usage.input_tokens)}</td>
              <td className="pl-3 text-right">{formatCount(usage.output_tokens)}</td>
              <td className="pl-3 text-right">
                {usage.cost === null ? UNKNOWN : formatMoney(usage.cost)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Popover>
  );
}
