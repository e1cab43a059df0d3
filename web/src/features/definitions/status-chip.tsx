import { BadgeCheck, BookOpen, CircleAlert } from 'lucide-react';
import type { Definition, DefinitionStatus } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Chip, type Tone } from '@/ui';
import { messages } from './messages';

const LOOK: Record<DefinitionStatus, { tone: Tone; Icon: typeof BookOpen }> = {
  proposed: { tone: 'neutral', Icon: BookOpen },
  certified: { tone: 'success', Icon: BadgeCheck },
  lapsed: { tone: 'warning', Icon: CircleAlert },
};

export function DefinitionState({ definition }: { definition: Definition }) {
  const t = useT(messages);
  const { status, lapsed, archived_at: archived } = definition;
  const { tone, Icon } = LOOK[status];
  return (
    <span className="flex flex-wrap items-center gap-1" data-testid="definition-state">
      {archived ? <Chip>{t('archived')}</Chip> : null}
      <Chip tone={tone} icon={<Icon aria-hidden />} {...(lapsed ? { title: lapsed.detail } : {})}>
        {t(status)}
      </Chip>
    </span>
  );
}
