import type { InboxDetail } from '@/api/types';
import { useT, type Translate } from '@/lib/i18n';
import { Time } from '@/ui';
import { messages } from './detail-messages';
import { isNotice } from './notice';

const HAPPENED = [
  'opened',
  'read',
  'unread',
  'assigned',
  'snoozed',
  'escalated',
  'decided',
  'approved',
  'done',
  'approved_by_one',
  'edited',
  'rejected',
  'responded',
  'used',
  'expired',
  'withdrawn',
  'superseded',
  'always_allowed',
] as const;

const DECIDED: Record<string, string> = {
  approve: 'approved',
  edit: 'edited',
  reject: 'rejected',
  respond: 'responded',
};

type Happening = InboxDetail['history'][number];

function happened(
  { what, detail }: Happening,
  request: InboxDetail,
  t: Translate<keyof (typeof messages)['en']>,
): string {
  const how = what === 'decided' ? (DECIDED[String(detail.type)] ?? what) : what;
  const said = how === 'approved' && isNotice(request) ? 'done' : how;
  const known = HAPPENED.find((name) => name === said);
  return known ? t(`what_${known}`) : said;
}

/** The agent asks and goes on, in the name of whoever started it: that is who is named. */
const whoDid = ({ what, by }: Happening, { agent }: InboxDetail) =>
  agent !== null && (what === 'opened' || what === 'used') ? agent.name : by;

export function History({ request }: { request: InboxDetail }) {
  const t = useT(messages);
  return (
    <section className="flex flex-col gap-2">
      <h2 className="text-title-sm">{t('history')}</h2>
      <ol className="flex flex-col gap-1 text-sm text-muted">
        {request.history.map((entry, index) => (
          <li key={index} className="flex flex-wrap gap-x-2">
            <Time iso={entry.at} style="clock" />
            <span className="text-fg">{whoDid(entry, request)}</span>
            <span>{happened(entry, request, t)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
