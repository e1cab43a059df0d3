import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import type { Source } from '@/api/types';
import {
  AddCards,
  addMessages,
  DatabaseForm,
  FolderForm,
  messages,
  SqliteForm,
  UploadForm,
  useSourcesChanged,
} from '@/features/sources';
import { useT } from '@/lib/i18n';
import { buttonClass, Card, Page } from '@/ui';

const route = getRouteApi('/shell/sources/new');

export function NewSourcePage() {
  const t = useT(addMessages);
  const source = useT(messages);
  const { kind } = route.useSearch();
  const navigate = useNavigate();
  const changed = useSourcesChanged();
  const crumbs = [{ label: source('title'), to: '/sources' }];

  const show = async ({ id }: Source) => {
    await changed();
    await navigate({ to: '/sources/$source/$tab', params: { source: id, tab: 'schema' } });
  };
  const ask = async ({ id }: Source) => {
    await changed();
    await navigate({ to: '/chats/new', search: { source: id } });
  };
  const back = (
    <Link to="/sources/new" className={buttonClass('ghost')}>
      <ArrowLeft aria-hidden className="size-4" />
      {t('back')}
    </Link>
  );
  if (kind === 'upload') {
    return (
      <Page
        key="upload"
        width="reading"
        title={t('uploadTitle')}
        description={t('uploadNote')}
        crumbs={crumbs}
        actions={back}
      >
        <UploadForm onDone={show} />
      </Page>
    );
  }
  if (kind === 'folder') {
    return (
      <Page
        key="folder"
        width="reading"
        title={t('folderTitle')}
        description={t('folderNote')}
        crumbs={crumbs}
        actions={back}
      >
        <Card>
          <FolderForm onSaved={show} />
        </Card>
      </Page>
    );
  }
  if (kind === 'sqlite') {
    return (
      <Page
        key="sqlite"
        width="reading"
        title={t('sqliteTitle')}
        description={t('sqliteNote')}
        crumbs={crumbs}
        actions={back}
      >
        <Card>
          <SqliteForm onSaved={show} />
        </Card>
      </Page>
    );
  }
  if (kind === 'postgresql' || kind === 'mysql') {
    const postgresql = kind === 'postgresql';
    return (
      <Page
        key={kind}
        title={postgresql ? t('pgTitle') : t('mysqlTitle')}
        description={postgresql ? t('pgNote') : t('mysqlNote')}
        crumbs={crumbs}
        actions={back}
      >
        <Card>
          <DatabaseForm engine={kind} onSaved={show} />
        </Card>
      </Page>
    );
  }
  return (
    <Page key="kinds" width="reading" title={t('title')} crumbs={crumbs}>
      <AddCards onDone={ask} />
    </Page>
  );
}
