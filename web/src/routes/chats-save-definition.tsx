import { Link } from '@tanstack/react-router';
import { BookmarkCheck } from 'lucide-react';
import { useCan } from '@/api/resources';
import type { QueryVersion } from '@/api/types';
import { defineMessages, useT } from '@/lib/i18n';
import { buttonClass } from '@/ui';

const texts = defineMessages({
  en: { save: 'Save as verified answer' },
  fr: { save: 'Garder comme réponse vérifiée' },
});

/** From a good answer to a definition: the question and the SQL are filled in there. */
export function SaveDefinition({ version: shown }: { version: QueryVersion }) {
  const { query_id: query, version, status } = shown;
  const t = useT(texts);
  const can = useCan()('definition:create');
  if (!can || status !== 'done') return null;
  return (
    <Link
      to="/definitions/new"
      search={{ query, version: String(version) }}
      className={buttonClass('ghost', 'sm')}
    >
      <BookmarkCheck aria-hidden className="size-3.5" />
      {t('save')}
    </Link>
  );
}
