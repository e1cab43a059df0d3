import { CircleAlert, CircleCheck, CircleDashed, CircleDot, Ellipsis } from 'lucide-react';
import { useState } from 'react';
import type { Model } from '@/api/types';
import { formatCount, formatMoney, formatRelative } from '@/lib/format';
import { useT, type Translate } from '@/lib/i18n';
import { Button, Chip, Confirm, ErrorPanel, IconButton, Menu, MenuItem, toast } from '@/ui';
import { handOnFocus } from '@/ui/focus';
import { deleteModel, useActivateModel, useModelsChanged, useTestModel } from './api';
import { Checks } from './checks';
import { messages } from './messages';

function TestChip({ model }: { model: Model }) {
  const t = useT(messages);
  if (model.is_demo) return <Chip>{t('demo')}</Chip>;
  if (!model.tested_at) return <Chip icon={<CircleDashed aria-hidden />}>{t('untested')}</Chip>;
  return model.test_ok ? (
    <Chip tone="success" icon={<CircleCheck aria-hidden />}>
      {t('tested', { when: formatRelative(model.tested_at) })}
    </Chip>
  ) : (
    <Chip tone="danger" icon={<CircleAlert aria-hidden />}>
      {t('testFailed')}
    </Chip>
  );
}

function keyWords(key: Model['key'], t: Translate<keyof (typeof messages)['en']>): string {
  if (!key.configured) return t('keyMissing');
  return key.last4 ? t('keySet', { last4: key.last4 }) : t('keyStored');
}

function Facts({ model }: { model: Model }) {
  const t = useT(messages);
  if (model.is_demo) return <p className="text-xs text-muted">{t('demoNote')}</p>;
  const { key, price } = model;
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-0.5 text-xs text-muted">
      <span className="break-all">{model.endpoint_url}</span>
      <span>{keyWords(key, t)}</span>
      <span className="nums" title={t('price')}>
        {price.input == null && price.output == null
          ? t('noPrice')
          : t('prices', { input: formatMoney(price.input), output: formatMoney(price.output) })}
      </span>
      {model.context_window == null ? null : (
        <span className="nums">{t('context', { count: formatCount(model.context_window) })}</span>
      )}
    </p>
  );
}

interface MoreProps {
  model: Model;
  onEdit: () => void;
}

function More({ model, onEdit }: MoreProps) {
  const t = useT(messages);
  const changed = useModelsChanged();
  const [removing, setRemoving] = useState(false);
  const remove = async () => {
    await deleteModel(model.id);
    await changed();
  };
  return (
    <>
      <Menu
        trigger={
          <IconButton
            tooltip={false}
            label={t('actions', { name: model.name })}
            icon={<Ellipsis aria-hidden className="size-4" />}
          />
        }
      >
        <MenuItem onSelect={onEdit}>{t('editAction')}</MenuItem>
        <MenuItem danger onSelect={() => setRemoving(true)}>
          {t('remove')}
        </MenuItem>
      </Menu>
      <Confirm
        open={removing}
        title={t('removeTitle', { name: model.name })}
        action={t('removeAction')}
        onConfirm={remove}
        onClose={() => setRemoving(false)}
      >
        <p>{t('removeBody')}</p>
      </Confirm>
    </>
  );
}

export interface ModelCardProps {
  model: Model;
  manage: boolean;
  onEdit: () => void;
}

function Controls({ model, onEdit, test }: MoreProps & { test: ReturnType<typeof useTestModel> }) {
  const t = useT(messages);
  const activate = useActivateModel();
  const ready = model.is_demo || model.test_ok === true;
  const start = () =>
    activate.mutate(model.id, {
      onSuccess: () => toast({ tone: 'success', title: t('activated', { name: model.name }) }),
    });
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {model.is_demo ? null : (
        <Button size="sm" loading={test.isPending} onClick={() => test.mutate(model.id)}>
          {t('test')}
        </Button>
      )}
      {model.is_active || !ready ? null : (
        <Button size="sm" loading={activate.isPending} onClick={start}>
          {t('activate')}
        </Button>
      )}
      {model.is_demo ? null : <More model={model} onEdit={onEdit} />}
      {activate.error ? <ErrorPanel error={activate.error} /> : null}
    </div>
  );
}

export function ModelCard({ model, manage, onEdit }: ModelCardProps) {
  const t = useT(messages);
  const test = useTestModel();
  return (
    <li ref={handOnFocus} className="flex flex-col gap-3 px-4 py-3.5">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="flex min-w-0 flex-1 basis-64 flex-col gap-1">
          <div className="flex flex-wrap items-center gap-2">
            <h2 className="text-md">{model.name}</h2>
            <code className="text-xs text-subtle">{model.model_name}</code>
            {model.is_active ? (
              <Chip tone="accent" icon={<CircleDot aria-hidden />}>
                {t('active')}
              </Chip>
            ) : null}
            <TestChip model={model} />
          </div>
          <Facts model={model} />
        </div>
        {manage ? <Controls model={model} onEdit={onEdit} test={test} /> : null}
      </div>
      {model.retired_advice ? (
        <p className="flex gap-2 text-sm text-warning">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {model.retired_advice}
        </p>
      ) : null}
      <Checks name={model.name} running={test.isPending} result={test.data} />
      {test.error ? <ErrorPanel error={test.error} /> : null}
    </li>
  );
}
