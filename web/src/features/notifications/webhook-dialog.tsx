import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useCan } from '@/api/resources';
import type { WebhookMade } from '@/api/types';
import { useForm } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { FormDialog, FormField, FormSelect } from '@/ui';
import { createWebhook, webhooksQuery } from './api';
import { messages } from './messages';
import { SecretDialog } from './secret-dialog';

export default function WebhookDialog({ onClose }: { onClose: () => void }) {
  const t = useT(messages);
  const queryClient = useQueryClient();
  const manage = useCan()('webhook:manage');
  const [made, setMade] = useState<WebhookMade | null>(null);
  const form = useForm({
    initial: { name: '', url: '', hears: 'mine' },
    validate: ({ name, url }) => ({
      ...(name.trim() === '' ? { name: t('needName') } : {}),
      ...(/^https?:\/\/\S+$/.test(url.trim()) ? {} : { url: t('needUrl') }),
    }),
    submit: ({ name, url, hears }) =>
      createWebhook({ name: name.trim(), url: url.trim(), organization: hears !== 'mine' }),
    onSuccess: async (webhook) => {
      setMade(webhook);
      await queryClient.invalidateQueries(webhooksQuery);
    },
  });
  if (made) return <SecretDialog made={made} onClose={onClose} />;
  return (
    <FormDialog secret form={form} title={t('addWebhook')} submit={t('create')} onClose={onClose}>
      <FormField form={form} name="name" label={t('name')} autoFocus maxLength={100} />
      <FormField form={form} name="url" label={t('url')} help={t('urlHelp')} inputMode="url" />
      {manage ? (
        <FormSelect
          form={form}
          name="hears"
          label={t('hears')}
          options={[
            { value: 'mine', label: t('hearsMine') },
            { value: 'organization', label: t('hearsOrganization') },
          ]}
        />
      ) : null}
    </FormDialog>
  );
}
