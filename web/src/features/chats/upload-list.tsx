import { useT } from '@/lib/i18n';
import { Button } from '@/ui';
import { messages } from './messages';
import type { Upload } from './use-uploads';

export function UploadList({ uploads }: { uploads: readonly Upload[] }) {
  const t = useT(messages);
  return (
    <ul className="empty:hidden">
      {uploads.map(({ key, name, percent, error, cancel }) => (
        <li key={key} className="flex items-center gap-3 border-b border-line px-4 py-1.5 text-sm">
          {error === null ? (
            <>
              <span className="nums min-w-0 flex-1 truncate">
                {t('uploading', { name, percent })}
              </span>
              <progress value={percent} max={100} aria-label={name} className="w-24" />
            </>
          ) : (
            <span role="alert" className="min-w-0 flex-1 text-danger">
              {t('uploadFailed', { name })} · {error}
            </span>
          )}
          <Button size="sm" variant="ghost" onClick={cancel}>
            {t(error === null ? 'cancel' : 'remove')}
          </Button>
        </li>
      ))}
    </ul>
  );
}
