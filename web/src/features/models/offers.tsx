import { useQuery } from '@tanstack/react-query';
import { useT } from '@/lib/i18n';
import { Button, Card, ErrorPanel } from '@/ui';
import { offersQuery, useAcceptOffer } from './api';
import { messages } from './messages';

/** Models this machine could use: found, named, and never used unasked. */
export function Offers() {
  const t = useT(messages);
  const offers = useQuery(offersQuery).data ?? [];
  const accept = useAcceptOffer();
  if (offers.length === 0) return null;
  return (
    <Card title={t('offers')} description={t('offersLead')}>
      <ul className="divide-y divide-line">
        {offers.map((offer) => (
          <li
            key={`${offer.origin}-${offer.provider}-${offer.model_name}`}
            className="flex flex-wrap items-center gap-3 py-2 text-sm"
          >
            <div className="min-w-0 flex-1">
              <p>{offer.label}</p>
              <p className="text-xs text-subtle">
                {offer.origin === 'env' ? t('originEnv') : t('originLocal')} · {offer.model_name}
              </p>
            </div>
            <Button
              size="sm"
              loading={accept.isPending && accept.variables === offer}
              onClick={() => accept.mutate(offer)}
            >
              {t('accept')}
            </Button>
          </li>
        ))}
      </ul>
      {accept.error ? <ErrorPanel error={accept.error} /> : null}
    </Card>
  );
}
