import { useQuery } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { messages, TokenDialog, tokensQuery, TokenTable } from '@/features/members';
import { useT } from '@/lib/i18n';
import { Button, EmptyState, ErrorPanel, Page, SkeletonRows } from '@/ui';

export function TokensPage() {
  const t = useT(messages);
  const tokens = useQuery(tokensQuery);
  const [creating, setCreating] = useState(false);
  const add = (
    <Button
      variant="primary"
      icon={<Plus aria-hidden className="size-4" />}
      onClick={() => setCreating(true)}
    >
      {t('newToken')}
    </Button>
  );
  return (
    <Page title={t('tokens')} description={t('tokensLead')} actions={add}>
      {tokens.isPending ? <SkeletonRows label={t('loadingTokens')} /> : null}
      {tokens.error ? (
        <ErrorPanel error={tokens.error} onRetry={() => void tokens.refetch()} />
      ) : null}
      {tokens.data?.length === 0 ? (
        <EmptyState icon={<KeyRound aria-hidden />} title={t('noTokens')}>
          {t('noTokensBody')}
        </EmptyState>
      ) : null}
      {tokens.data && tokens.data.length > 0 ? <TokenTable tokens={tokens.data} /> : null}
      {creating ? <TokenDialog onClose={() => setCreating(false)} /> : null}
    </Page>
  );
}
