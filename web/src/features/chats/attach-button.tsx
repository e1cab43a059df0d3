import { Paperclip } from 'lucide-react';
import { useRef } from 'react';
import { useT } from '@/lib/i18n';
import { IconButton } from '@/ui';
import { messages } from './messages';

/** Gives files to the composer: a button for the browser's own picker. */
export function AttachButton({ onFiles }: { onFiles: (files: File[]) => void }) {
  const t = useT(messages);
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton
        label={t('attach')}
        size="sm"
        icon={<Paperclip aria-hidden className="size-4" />}
        onClick={() => picker.current?.click()}
      />
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        accept=".csv,.tsv,.parquet,.json,.jsonl,.xlsx"
        aria-label={t('attach')}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
    </>
  );
}
