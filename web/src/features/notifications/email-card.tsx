import { useMutation } from '@tanstack/react-query';
import type { Notifications } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, Card, ErrorPanel } from '@/ui';
import { testMail } from './api';
import { messages } from './messages';
import { Outcome } from './outcome';

export function EmailCard({ mail }: { mail: Notifications['mail'] }) {
  const t = useT(messages);
  const test = useMutation({ mutationFn: testMail });
  const action = mail.configured ? (
    <Button size="sm" loading={test.isPending} onClick={() => test.mutate()}>
      {t('test')}
    </Button>
  ) : null;
  return (
    <Card title={t('email')} actions={action}>
      <div className="flex flex-col gap-2 text-sm">
        <p className="break-words">
          {mail.configured
            ? t('emailTo', { to: mail.to ?? '', sender: mail.sender ?? '' })
            : t('emailNone')}
        </p>
        {test.data ? <Outcome {...test.data} /> : null}
        {test.error ? <ErrorPanel error={test.error} /> : null}
      </div>
    </Card>
  );
}
