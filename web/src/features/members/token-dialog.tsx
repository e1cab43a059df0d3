import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CreatedToken } from '@/api/types';
import { useForm } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { CopyButton, DoneDialog, FormDialog, FormField, FormSelect } from '@/ui';
import { createToken, tokensQuery } from './api';
import { messages } from './messages';

const EXPIRY = ['30', '90', '365'];

function Snippet({ label, text }: { label: string; text: string }) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <div className="flex items-center justify-between gap-2">
        <p className="text-sm font-strong">{label}</p>
        <CopyButton compact text={text} label={label} />
      </div>
      <pre
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls with the arrow keys
        tabIndex={0}
        className="overflow-x-auto rounded-sm border border-line bg-sunken p-2.5 text-xs"
      >
        {text}
      </pre>
    </div>
  );
}

function Created({ made, onClose }: { made: CreatedToken; onClose: () => void }) {
  const t = useT(messages);
  const server = window.location.origin;
  return (
    <DoneDialog title={t('createdTitle')} description={t('createdLead')} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <Snippet label={t('token')} text={made.token} />
        <Snippet
          label={t('withCurl')}
          text={`curl -H "Authorization: Bearer ${made.token}" ${server}/api/v1/sources`}
        />
        <Snippet
          label={t('withCli')}
          text={`DATELIER_URL=${server} DATELIER_TOKEN=${made.token} datelier source list`}
        />
      </div>
    </DoneDialog>
  );
}

export function TokenDialog({ onClose }: { onClose: () => void }) {
  const t = useT(messages);
  const queryClient = useQueryClient();
  const [made, setMade] = useState<CreatedToken | null>(null);
  const form = useForm({
    initial: { name: '', expires: '90' },
    validate: ({ name }) => (name.trim() === '' ? { name: t('needName') } : {}),
    submit: ({ name, expires }) =>
      createToken({
        name: name.trim(),
        expires_in_days: Number(expires),
      }),
    onSuccess: async (token) => {
      setMade(token);
      await queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey });
    },
  });
  if (made) return <Created made={made} onClose={onClose} />;
  const options = EXPIRY.map((days) => ({
    value: days,
    label: t('days', { count: Number(days) }),
  }));
  return (
    <FormDialog secret form={form} title={t('newToken')} submit={t('create')} onClose={onClose}>
      <FormField
        form={form}
        name="name"
        label={t('tokenName')}
        help={t('tokenNameHelp')}
        autoFocus
      />
      <FormSelect form={form} name="expires" label={t('expiry')} options={options} />
    </FormDialog>
  );
}
