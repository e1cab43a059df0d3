import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import type { Source } from '@/api/types';
import {
  AddCards,
  addMessages,
  DATABASES,
  DatabaseForm,
  isDatabase,
  isPlace,
  messages,
  PlaceForm,
  PLACES,
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
  const ask = async ({ id }: Source, agent?: string) => {
    await changed();
    await navigate({ to: '/chats/new', search: { source: id, ...(agent ? { agent } : {}) } });
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
  if (isPlace(kind)) {
    return (
      <Page
        key={kind}
        width="reading"
        title={t(PLACES[kind].title)}
        description={t(PLACES[kind].note)}
        crumbs={crumbs}
        actions={back}
      >
        <Card>
          <PlaceForm kind={kind} onSaved={show} />
        </Card>
      </Page>
    );
  }
  if (isDatabase(kind)) {
    return (
      <Page
        key={kind}
        title={t(DATABASES[kind].title)}
        description={t(DATABASES[kind].note)}
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
