import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useT } from '@/lib/i18n';
import { Button, Card } from '@/ui';
import { permission, show } from './browser';
import { messages } from './messages';
import { Outcome } from './outcome';

const SAID = {
  shown: 'browserShown',
  silent: 'browserSilent',
  failed: 'browserFailed',
} as const;

export function BrowserCard() {
  const t = useT(messages);
  const [allowed, setAllowed] = useState(permission);
  const test = useMutation({
    mutationFn: () =>
      show(t('browserTestTitle'), { body: t('browserTestBody'), tag: 'datelier-test' }),
  });
  // Asked for by a click and never otherwise.
  const ask = async () => setAllowed(await Notification.requestPermission());
  const action =
    allowed === 'default' ? (
      <Button size="sm" onClick={() => void ask()}>
        {t('browserAllow')}
      </Button>
    ) : allowed === 'granted' ? (
      <Button size="sm" loading={test.isPending} onClick={() => test.mutate()}>
        {t('test')}
      </Button>
    ) : null;
  return (
    <Card title={t('browser')} description={t('browserLead')} actions={action}>
      <div className="flex flex-col gap-2 text-sm">
        {allowed === 'granted' ? <p>{t('browserGranted')}</p> : null}
        {allowed === 'denied' ? <p>{t('browserDenied')}</p> : null}
        {allowed === 'none' ? <p>{t('browserNone')}</p> : null}
        {test.data ? <Outcome ok={test.data === 'shown'} detail={t(SAID[test.data])} /> : null}
      </div>
    </Card>
  );
}
