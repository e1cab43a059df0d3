import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, Plus, TriangleAlert } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useCan } from '@/api/resources';
import type { Webhook, WebhookMade } from '@/api/types';
import { formatAbsolute } from '@/lib/format';
import { useT } from '@/lib/i18n';
import {
  Button,
  Card,
  Chip,
  Confirm,
  ErrorPanel,
  IconButton,
  Menu,
  MenuItem,
  SkeletonRows,
} from '@/ui';
import { handOnFocus } from '@/ui/focus';
import { deleteWebhook, enableWebhook, rotateWebhook, testWebhook, webhooksQuery } from './api';
import { messages } from './messages';
import { Outcome } from './outcome';
import { SecretDialog } from './secret-dialog';

const Deliveries = lazy(() => import('./deliveries'));
const WebhookDialog = lazy(() => import('./webhook-dialog'));

type Open = 'deliveries' | 'rotate' | 'remove' | null;

function Asked({ hook, open, close }: { hook: Webhook; open: Open; close: () => void }) {
  const t = useT(messages);
  const queryClient = useQueryClient();
  const [made, setMade] = useState<WebhookMade | null>(null);
  const changed = () => queryClient.invalidateQueries(webhooksQuery);
  return (
    <>
      {open === 'deliveries' ? (
        <Suspense fallback={null}>
          <Deliveries hook={hook} onClose={close} />
        </Suspense>
      ) : null}
      <Confirm
        open={open === 'rotate'}
        title={t('rotateTitle', { name: hook.name })}
        action={t('rotate')}
        onConfirm={async () => {
          setMade(await rotateWebhook(hook.id));
          await changed();
        }}
        onClose={close}
      >
        {t('rotateBody')}
      </Confirm>
      <Confirm
        open={open === 'remove'}
        title={t('removeTitle', { name: hook.name })}
        action={t('removeAction')}
        onConfirm={async () => {
          await deleteWebhook(hook.id);
          await changed();
        }}
        onClose={close}
      >
        {t('removeBody')}
      </Confirm>
      {/* Not above the question, whose button would be what gets the focus back. */}
      {made && open === null ? <SecretDialog made={made} onClose={() => setMade(null)} /> : null}
    </>
  );
}

function State({ hook }: { hook: Webhook }) {
  const t = useT(messages);
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <Chip>{t(hook.organization ? 'ofOrganization' : 'ofMe')}</Chip>
      {hook.enabled ? null : (
        <Chip tone="warning" icon={<TriangleAlert aria-hidden />}>
          {t('switchedOff')}
        </Chip>
      )}
      {hook.waiting > 0 ? <Chip tone="accent">{t('waiting', { count: hook.waiting })}</Chip> : null}
      {hook.failed > 0 ? (
        <Chip tone="danger" icon={<TriangleAlert aria-hidden />}>
          {t('failed', { count: hook.failed })}
        </Chip>
      ) : null}
    </div>
  );
}

function Row({ hook }: { hook: Webhook }) {
  const t = useT(messages);
  const queryClient = useQueryClient();
  const [open, setOpen] = useState<Open>(null);
  const test = useMutation({ mutationFn: () => testWebhook(hook.id) });
  const turn = useMutation({
    mutationFn: () => enableWebhook(hook.id, !hook.enabled),
    onSuccess: () => queryClient.invalidateQueries(webhooksQuery),
  });
  // What is asked for next takes the place of what was said about the last.
  const ask = (what: typeof test | typeof turn) => {
    test.reset();
    turn.reset();
    what.mutate();
  };
  const error = test.error ?? turn.error;
  return (
    <li ref={handOnFocus} className="flex flex-col gap-2 px-4 py-3">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div className="flex min-w-0 flex-1 basis-56 flex-col gap-1">
          <h3 className="text-sm font-strong break-words">{hook.name}</h3>
          <p className="text-xs break-all text-subtle">{hook.url}</p>
          <State hook={hook} />
        </div>
        <Button size="sm" loading={test.isPending} onClick={() => ask(test)}>
          {t('test')}
        </Button>
        <Menu
          trigger={
            <IconButton
              size="sm"
              label={t('actionsOf', { name: hook.name })}
              icon={<Ellipsis aria-hidden className="size-4" />}
            />
          }
        >
          <MenuItem onSelect={() => setOpen('deliveries')}>{t('deliveries')}</MenuItem>
          <MenuItem onSelect={() => ask(turn)}>{t(hook.enabled ? 'disable' : 'enable')}</MenuItem>
          <MenuItem onSelect={() => setOpen('rotate')}>{t('rotate')}</MenuItem>
          <MenuItem onSelect={() => setOpen('remove')}>{t('remove')}</MenuItem>
        </Menu>
      </div>
      {hook.disabled_reason === '' ? null : <Outcome ok={false} detail={hook.disabled_reason} />}
      {hook.previous_until === null ? null : (
        <p className="text-xs text-subtle">
          {t('bothSecrets', { when: formatAbsolute(hook.previous_until) })}
        </p>
      )}
      {test.data ? <Outcome {...test.data} /> : null}
      {error ? <ErrorPanel error={error} /> : null}
      <Asked hook={hook} open={open} close={() => setOpen(null)} />
    </li>
  );
}

export function WebhooksCard() {
  const t = useT(messages);
  const found = useQuery(webhooksQuery);
  const may = useCan()('http:send');
  const [adding, setAdding] = useState(false);
  const add = may ? (
    <Button
      size="sm"
      icon={<Plus aria-hidden className="size-3.5" />}
      onClick={() => setAdding(true)}
    >
      {t('addWebhook')}
    </Button>
  ) : null;
  return (
    <Card flush title={t('webhooks')} description={t('webhooksLead')} actions={add}>
      {found.error ? <ErrorPanel error={found.error} onRetry={() => void found.refetch()} /> : null}
      {found.isPending ? (
        <div className="px-4">
          <SkeletonRows rows={2} label={t('loadingWebhooks')} />
        </div>
      ) : null}
      {found.data?.length === 0 ? (
        <p className="px-4 pt-1 pb-3.5 text-sm text-muted">{t('noWebhooks')}</p>
      ) : null}
      <ul className="divide-y divide-line">
        {found.data?.map((hook) => (
          <Row key={hook.id} hook={hook} />
        ))}
      </ul>
      {adding ? (
        <Suspense fallback={null}>
          <WebhookDialog onClose={() => setAdding(false)} />
        </Suspense>
      ) : null}
    </Card>
  );
}
