import { AtSign, CircleAlert, CircleHelp, Flag, ScanEye, ShieldQuestionMark } from 'lucide-react';
import type { ReactNode } from 'react';
import type { RequestKind, Risk } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Chip, type Tone } from '@/ui';
import { messages } from './messages';

const KINDS: Record<RequestKind, ReactNode> = {
  approval: <ShieldQuestionMark aria-hidden />,
  question: <CircleHelp aria-hidden />,
  review: <ScanEye aria-hidden />,
  problem: <CircleAlert aria-hidden />,
  finished: <Flag aria-hidden />,
  mention: <AtSign aria-hidden />,
};

export function KindIcon({ kind }: { kind: RequestKind }) {
  const t = useT(messages);
  return (
    <span
      className={`shrink-0 [&>svg]:size-4 ${kind === 'problem' ? 'text-danger' : 'text-subtle'}`}
    >
      {KINDS[kind]}
      <span className="sr-only">{t(`kind_${kind}`)}</span>
    </span>
  );
}

const RISKS: Record<Exclude<Risk, 'read'>, Tone> = {
  write: 'warning',
  external: 'warning',
  destructive: 'danger',
  spend: 'warning',
};

/** What is at stake. Reading is nothing to warn of, and "Read" beside a title means something else. */
export function RiskChip({ risk }: { risk: Risk }) {
  const t = useT(messages);
  if (risk === 'read') return null;
  return <Chip tone={RISKS[risk]}>{t(`risk_${risk}`)}</Chip>;
}
