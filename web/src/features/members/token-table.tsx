import { useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ApiToken } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Confirm, IconButton, Table, Time, type TableColumn } from '@/ui';
import { revokeToken, tokensQuery } from './api';
import { messages } from './messages';

export function TokenTable({ tokens }: { tokens: ApiToken[] }) {
  const t = useT(messages);
  const queryClient = useQueryClient();
  const [ending, setEnding] = useState<ApiToken | null>(null);
  const when = (iso: string | null | undefined, otherwise: string) => (
    <span className="text-muted">{iso ? <Time iso={iso} /> : otherwise}</span>
  );
  const columns: TableColumn<ApiToken>[] = [
    {
      key: 'name',
      header: t('tokenName'),
      cell: (token) => <span className="font-strong">{token.name}</span>,
    },
    {
      key: 'prefix',
      header: t('tokenPrefix'),
      cell: (token) => <code className="text-xs text-muted">{token.prefix}…</code>,
    },
    {
      key: 'used',
      header: t('lastUsed'),
      wide: true,
      cell: (token) => when(token.last_used_at, t('never')),
    },
    {
      key: 'expires',
      header: t('expires'),
      wide: true,
      cell: (token) => when(token.expires_at, t('neverExpires')),
    },
    {
      key: 'actions',
      header: t('actions'),
      quiet: true,
      align: 'right',
      cell: (token) => (
        <IconButton
          size="sm"
          label={t('revokeToken', { name: token.name })}
          icon={<Trash2 aria-hidden className="size-4" />}
          onClick={() => setEnding(token)}
        />
      ),
    },
  ];
  return (
    <>
      <Table label={t('tokens')} columns={columns} rows={tokens} rowKey={(token) => token.id} />
      {ending ? (
        <Confirm
          open
          title={t('revokeTitle', { name: ending.name })}
          action={t('revokeAction')}
          onConfirm={async () => {
            await revokeToken(ending.id);
            await queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey });
          }}
          onClose={() => setEnding(null)}
        >
          <p>{t('revokeBody')}</p>
        </Confirm>
      ) : null}
    </>
  );
}
