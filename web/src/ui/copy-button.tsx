import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
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
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = window.setTimeout(() => setCopied(false), 2000);
    return () => window.clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    await navigator.clipboard.writeText(typeof text === 'string' ? text : text());
    setCopied(true);
  };
  const Icon = copied ? Check : Copy;
  const icon = <Icon aria-hidden className="size-3.5" />;
  const name = copied ? t('copied') : (label ?? t('copy'));
  return (
    <>
      {compact ? (
        <IconButton label={name} icon={icon} size="sm" onClick={copy} />
      ) : (
        <Button size="sm" variant={variant} icon={icon} onClick={copy}>
          {name}
        </Button>
      )}
      <span role="status" className="sr-only">
        {copied ? t('copied') : ''}
      </span>
    </>
  );
}
