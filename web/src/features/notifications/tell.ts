import { api } from '@/api/client';
import type { Notice } from '@/api/types';
import { translate } from '@/lib/i18n';
import { permission, show } from './browser';
import { kindMessages } from './kind-messages';

/** Tells of a new request, if this browser may and the person is elsewhere. */
export async function tell(
  request: string,
  open: (request: string) => void,
  here = () => document.hasFocus(),
): Promise<void> {
  if (permission() !== 'granted' || here()) return;
  const notice = await api.get<Notice>(`/notifications/requests/${request}`).catch(() => null);
  if (notice?.tell !== true) return;
  const title = `${translate(kindMessages, notice.kind)} #${notice.number}`;
  // Several tabs say the same once.
  await show(title, { body: notice.title, tag: `datelier-${notice.id}` }, () => open(notice.id));
}
