import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { FileText } from 'lucide-react';
import { documentMessages, documentsOptions, DocumentTable } from '@/features/documents';
import { useT } from '@/lib/i18n';
import { buttonClass, EmptyState, ErrorPanel, MoreButton, Page, Select, SkeletonRows } from '@/ui';

const route = getRouteApi('/shell/documents');

function Found({ archived }: { archived: boolean }) {
  const t = useT(documentMessages);
  const found = useInfiniteQuery(documentsOptions(archived));
  if (found.error) return <ErrorPanel error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <SkeletonRows label={t('loading')} />;
  const documents = found.data.pages.flatMap((page) => page.data);
  if (documents.length === 0)
    return (
      <EmptyState
        icon={<FileText aria-hidden />}
        title={t(archived ? 'emptyArchived' : 'empty')}
        actions={
          <Link to="/agents" className={buttonClass('secondary')}>
            {t('agents')}
          </Link>
        }
      >
        {archived ? null : t('emptyBody')}
      </EmptyState>
    );
  return (
    <>
      <DocumentTable documents={documents} />
      <MoreButton list={found} label={t('more')} />
    </>
  );
}

/** The reader's own documents. */
export function DocumentsPage() {
  const t = useT(documentMessages);
  const navigate = useNavigate();
  const archived = route.useSearch().archived === 'yes';
  return (
    <Page title={t('titleAll')} description={t('lead')}>
      <Select
        aria-label={t('which')}
        className="w-48!"
        value={archived ? 'yes' : ''}
        options={[
          { value: '', label: t('inUse') },
          { value: 'yes', label: t('archived') },
        ]}
        onChange={(value) =>
          void navigate({
            to: '/documents',
            search: value === '' ? {} : { archived: value },
            replace: true,
          })
        }
      />
      <Found archived={archived} />
    </Page>
  );
}
