import { formatAbsolute, formatRelative, formatTime } from '@/lib/format';
import { Tooltip } from './tooltip';

export interface TimeProps {
  iso: string;
  /** `relative`: 3 days ago; `clock`: 14:02. */
  style?: 'relative' | 'clock';
}

/** A moment, with its full date in the tooltip and in `datetime`. */
export function Time({ iso, style = 'relative' }: TimeProps) {
  return (
    <Tooltip label={formatAbsolute(iso)}>
      <time dateTime={iso} className="nums whitespace-nowrap">
        {style === 'relative' ? formatRelative(iso) : formatTime(iso)}
      </time>
    </Tooltip>
  );
}
