import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import type { Part } from '@/api/parts';
import { copyText } from '@/lib/clipboard';
import { useT } from '@/lib/i18n';
import { IconButton, Menu, MenuItem } from '@/ui';
import { messages } from './messages';

/** Copies an answer as plain text, or as Markdown with the receipts of its figures below. */
export function CopyAnswer({ parts }: { parts: readonly Part[] }) {
  const t = useT(messages);
  const [copied, setCopied] = useState(false);
  const copy = async (form: 'plainText' | 'withReferences') => {
    // The words of receipts are only needed once somebody copies.
    const made = await import('./copy-forms');
    setCopied(await copyText(made[form](parts)));
  };
  const Icon = copied ? Check : Copy;
  return (
    <Menu
      align="start"
      label={t('copy')}
      trigger={
        <IconButton
          label={copied ? t('copied') : t('copy')}
          size="sm"
          icon={<Icon aria-hidden className="size-3.5" />}
        />
      }
    >
      <MenuItem onSelect={() => void copy('plainText')}>{t('copyPlain')}</MenuItem>
      <MenuItem onSelect={() => void copy('withReferences')}>{t('copyReferences')}</MenuItem>
    </Menu>
  );
}
