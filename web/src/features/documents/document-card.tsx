import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Code, FileText, Table2 } from 'lucide-react';
import type { DocumentRef } from '@/api/parts';
import { useT } from '@/lib/i18n';
import { buttonClass } from '@/ui';
import { documentQuery } from './api';
import { messages } from './messages';
import { OlderNumbers } from './older';

const ICONS = { text: FileText, code: Code, sheet: Table2 } as const;

interface DocumentCardProps {
  reference: DocumentRef;
  /** Writes the answer again with the newest results; null where that cannot be. */
  onUpdate: (() => void) | null;
}

/** A document where an answer wrote it, with the way to it. */
export default function DocumentCard({ reference, onUpdate }: DocumentCardProps) {
  const t = useT(messages);
  const { document_id: id, handle, title, kind, version } = reference;
  const document = useQuery(documentQuery(id, String(version))).data;
  const Icon = ICONS[kind];
  return (
    <section
      aria-label={`${handle} ${title}`}
      data-testid="document-card"
      className="flex min-w-0 flex-wrap items-center gap-3 rounded-lg border border-line bg-surface px-4 py-3 shadow-card"
    >
      <Icon aria-hidden className="size-5 shrink-0 text-subtle" />
      <div className="min-w-0 flex-1 basis-40">
        <p className="font-strong break-words">{title}</p>
        <p className="nums text-xs text-subtle">
          {handle} v{version} · {t(`kind_${kind}`)}
        </p>
      </div>
      <Link
        to="/documents/$document"
        params={{ document: id }}
        className={buttonClass('secondary', 'sm')}
      >
        {t('open')}
      </Link>
      {document && (
        <div className="flex basis-full flex-col gap-2 empty:hidden">
          <OlderNumbers document={document} onUpdate={onUpdate} />
        </div>
      )}
    </section>
  );
}
