import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { copyText } from '@/lib/clipboard';
import { useT } from '@/lib/i18n';
import { Button, IconButton, type ButtonVariant } from './button';
import { messages } from './messages';

export interface CopyButtonProps {
  /** The text, or how to make it at the moment of the click. */
  text: string | (() => string);
  label?: string;
  /** Only the icon, with the label as its name. */
  compact?: boolean;
  variant?: ButtonVariant;
}

export function CopyButton({ text, label, compact, variant = 'secondary' }: CopyButtonProps) {
  const t = useT(messages);
  const [said, setSaid] = useState<'copied' | 'copyFailed' | null>(null);
  useEffect(() => {
    if (!said) return undefined;
    const timer = window.setTimeout(() => setSaid(null), 2000);
    return () => window.clearTimeout(timer);
  }, [said]);

  const copy = async () => {
    const done = await copyText(typeof text === 'string' ? text : text());
    setSaid(done ? 'copied' : 'copyFailed');
  };
  const Icon = said === 'copied' ? Check : Copy;
  const icon = <Icon aria-hidden className="size-3.5" />;
  const name = said === 'copied' ? t('copied') : (label ?? t('copy'));
  return (
    <>
      {compact ? (
        <IconButton label={name} icon={icon} size="sm" onClick={copy} />
      ) : (
        <Button size="sm" variant={variant} icon={icon} onClick={copy}>
          {name}
        </Button>
      )}
      <span role="status" className={said === 'copyFailed' ? 'text-xs text-danger' : 'sr-only'}>
        {said ? t(said) : ''}
      </span>
    </>
  );
}
