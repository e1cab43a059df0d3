import { CircleAlert, CircleCheck, CircleDashed, Sparkles } from 'lucide-react';
import type { Source, SourceStatus } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Chip, type Tone } from '@/ui';
import { messages } from './messages';

const LOOK: Record<SourceStatus, { tone: Tone; Icon: typeof CircleCheck }> = {
  ready: { tone: 'success', Icon: CircleCheck },
  unchecked: { tone: 'neutral', Icon: CircleDashed },
  error: { tone: 'danger', Icon: CircleAlert },
};

export function StatusChip({ source }: { source: Source }) {
  const t = useT(messages);
  const { tone, Icon } = LOOK[source.status];
  return (
    <Chip tone={tone} icon={<Icon aria-hidden />} title={source.last_error ?? undefined}>
      {t(source.status)}
    </Chip>
  );
}

export function SampleChip({ source }: { source: Source }) {
  const t = useT(messages);
  if (!source.sample) return null;
  return <Chip icon={<Sparkles aria-hidden />}>{t('sample')}</Chip>;
}
