import { useRouter } from '@tanstack/react-router';
import { BadgeCheck, BookOpen, CircleAlert } from 'lucide-react';
import type { MouseEvent } from 'react';
import type { DefinitionData } from '@/api/answer-parts';
import { defineMessages, useT } from '@/lib/i18n';
import { Chip, type Tone } from '@/ui';

const texts = defineMessages({
  en: {
    used: 'Definitions used',
    proposed: 'Proposed',
    certified: 'Certified',
    lapsed: 'Lapsed',
    note: 'This answer uses the definition {name}, version {version}.',
  },
  fr: {
    used: 'Définitions utilisées',
    proposed: 'Proposée',
    certified: 'Certifiée',
    lapsed: 'Caduque',
    note: 'Cette réponse utilise la définition {name}, version {version}.',
  },
});

const LOOK: Record<DefinitionData['status'], { tone: Tone; Icon: typeof BookOpen }> = {
  proposed: { tone: 'neutral', Icon: BookOpen },
  certified: { tone: 'success', Icon: BadgeCheck },
  lapsed: { tone: 'warning', Icon: CircleAlert },
};

/** What an answer takes words to mean; each leads to its definition. */
export default function DefinitionChips({ definitions }: { definitions: DefinitionData[] }) {
  const t = useT(texts);
  const router = useRouter();
  const open = (event: MouseEvent, path: string) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    router.history.push(path);
  };
  return (
    <ul aria-label={t('used')} className="contents">
      {definitions.map(({ definition_id: id, name, status, version }) => {
        const { tone, Icon } = LOOK[status];
        const path = `/definitions/${encodeURIComponent(id)}`;
        return (
          <li key={id} className="inline-flex max-w-full">
            <a
              href={path}
              data-testid="definition-chip"
              data-state={status}
              className="inline-flex max-w-full rounded-sm hover:underline"
              onClick={(event) => open(event, path)}
            >
              <Chip tone={tone} icon={<Icon aria-hidden />} title={t('note', { name, version })}>
                {name} · {t(status)}
              </Chip>
            </a>
          </li>
        );
      })}
    </ul>
  );
}
