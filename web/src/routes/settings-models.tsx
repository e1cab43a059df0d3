import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Bot, Plus } from 'lucide-react';
import { modelsQuery, useCan } from '@/api/resources';
import type { Model } from '@/api/types';
import { messages, ModelCard, ModelDialog, Offers } from '@/features/models';
import { useT } from '@/lib/i18n';
import { Button, Card, EmptyState, ErrorPanel, Page, SkeletonRows } from '@/ui';

const route = getRouteApi('/shell/settings-layout/settings/models');
const NEW = 'new';

interface ListProps {
  models: Model[];
  manage: boolean;
  onEdit: (id: string) => void;
}

function ModelList({ models, manage, onEdit }: ListProps) {
  const t = useT(messages);
  if (models.length === 0) {
    return (
      <EmptyState icon={<Bot aria-hidden />} title={t('empty')}>
        {t('emptyBody')}
      </EmptyState>
    );
  }
  return (
    <Card flush>
      <ul className="divide-y divide-line">
        {models.map((model) => (
          <ModelCard key={model.id} model={model} manage={manage} onEdit={() => onEdit(model.id)} />
        ))}
      </ul>
    </Card>
  );
}

export function ModelsPage() {
  const t = useT(messages);
  const can = useCan();
  const navigate = useNavigate();
  const { model: open } = route.useSearch();
  const models = useQuery(modelsQuery);
  const show = (model: string | undefined) =>
    void navigate({
      to: '/settings/models',
      search: model === undefined ? {} : { model },
      // The dialog has asked by itself.
      ignoreBlocker: true,
    });
  const manage = can('model:manage');
  const edited = models.data?.data.find((model) => model.id === open);
  const add = (
    <Button
      variant="primary"
      icon={<Plus aria-hidden className="size-4" />}
      onClick={() => show(NEW)}
    >
      {t('add')}
    </Button>
  );
  return (
    <Page title={t('title')} description={t('lead')} actions={manage ? add : null}>
      {models.isPending ? <SkeletonRows label={t('loading')} /> : null}
      {models.error ? (
        <ErrorPanel error={models.error} onRetry={() => void models.refetch()} />
      ) : null}
      {models.data ? <ModelList models={models.data.data} manage={manage} onEdit={show} /> : null}
      {manage ? <Offers /> : null}
      {manage && (open === NEW || edited) ? (
        <ModelDialog key={open} model={edited} onClose={() => show(undefined)} />
      ) : null}
    </Page>
  );
}
