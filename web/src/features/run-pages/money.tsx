import { formatMoney, isMoney } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { messages } from './messages';

interface MoneyProps {
  known: string | number | null;
  /** Some calls have no price: the sum is a lower bound. */
  atLeast: boolean;
}

/** What something cost: exact, a lower bound (`≥ $0.012`), or unknown (`—`), never a false zero. */
export function Money({ known, atLeast }: MoneyProps) {
  const t = useT(messages);
  if (known === null || (atLeast && !isMoney(known)))
    return <span title={atLeast ? t('noPrice') : undefined}>{formatMoney(null)}</span>;
  if (!atLeast) return <span>{formatMoney(known)}</span>;
  return <span title={t('atLeast')}>{`≥ ${formatMoney(known)}`}</span>;
}

/** The cost of a whole run. */
export function RunCost({ run }: { run: { cost?: string | null; cost_at_least: string | null } }) {
  const whole = run.cost ?? null;
  return <Money known={whole ?? run.cost_at_least} atLeast={whole === null} />;
}
