import { useT } from '@/lib/i18n';
import { useLinkState, useLive } from './live-context';
import { messages } from './messages';

/** One line while the link to the server is down; the composer stays usable. */
export function ConnectionNotice() {
  const t = useT(messages);
  const { link } = useLive();
  const state = useLinkState();
  if (state !== 'reconnecting' && state !== 'offline') return null;
  return (
    <p
      role="status"
      data-state={state}
      className="flex items-center justify-center gap-3 rounded-md bg-warning-soft px-3 py-1 text-xs text-warning"
    >
      {t(state)}
      <button type="button" className="font-strong underline" onClick={link.wake}>
        {t('tryNow')}
      </button>
    </p>
  );
}
