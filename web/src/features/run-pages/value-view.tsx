import type { StepValue } from '@/api/types';
import { formatBytes } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Button, buttonClass, CopyButton } from '@/ui';
import { jsonText } from './json-text';
import { messages } from './run-messages';

/** Above this a browser should not be made to lay it out; a file is better. */
const MOST_SHOWN = 2_000_000;

export function Code({ text }: { text: string }) {
  return (
    // A box that scrolls takes focus, so that the keyboard can scroll it.
    <pre
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above
      tabIndex={0}
      className="max-h-[60vh] overflow-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs break-words whitespace-pre-wrap"
    >
      {text}
    </pre>
  );
}

export interface ValueViewProps {
  value: StepValue;
  /** Where all of it can be had. */
  href: string;
  onAll: () => void;
}

/** A JSON value; of a large one the beginning, and how to get the rest. */
export function ValueView({ value, href, onAll }: ValueViewProps) {
  const t = useT(messages);
  const text = value.cut
    ? (value.text ?? '')
    : jsonText(value.value, (size) => t('binary', { size }));
  return (
    <div className="flex flex-col gap-2">
      {value.cut ? (
        <div className="flex flex-wrap items-center gap-2 text-sm text-muted" role="status">
          {t('cutAt', { size: formatBytes(value.bytes) })}
          {value.bytes <= MOST_SHOWN ? (
            <Button size="sm" onClick={onAll}>
              {t('showAll')}
            </Button>
          ) : null}
          <a className={buttonClass('secondary', 'sm')} href={href} download>
            {t('downloadValue')}
          </a>
        </div>
      ) : (
        <div className="self-end">
          <CopyButton text={text} label={t('copyValue')} />
        </div>
      )}
      <Code text={text} />
    </div>
  );
}
