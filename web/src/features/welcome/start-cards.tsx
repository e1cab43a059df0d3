import { ChartColumn, Database, Upload } from 'lucide-react';
import { useT } from '@/lib/i18n';
import { messages } from './messages';

export type Start = 'sample' | 'upload' | 'database';

const CARDS = [
  { value: 'sample', note: 'sampleNote', Icon: ChartColumn },
  { value: 'upload', note: 'uploadNote', Icon: Upload },
  { value: 'database', note: 'databaseNote', Icon: Database },
] as const;

/** Three ways to the first answer; the sample is chosen and focused. */
export function StartCards({ value, onChange }: { value: Start; onChange: (next: Start) => void }) {
  const t = useT(messages);
  return (
    <fieldset className="min-w-0">
      <legend className="mb-2 text-title-sm font-strong">{t('start')}</legend>
      <div className="grid gap-3 sm:grid-cols-3">
        {CARDS.map(({ value: card, note, Icon }) => (
          <label
            key={card}
            className="relative flex cursor-pointer gap-3 rounded-lg border border-line bg-surface p-3.5 hover:bg-canvas has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent sm:flex-col sm:gap-2"
          >
            <input
              type="radio"
              name="start"
              value={card}
              checked={value === card}
              autoFocus={card === 'sample'}
              onChange={() => onChange(card)}
              aria-labelledby={`start-${card}`}
              aria-describedby={`start-${card}-note`}
              className="absolute inset-0 size-full cursor-pointer appearance-none outline-none"
            />
            <Icon aria-hidden className="size-5 shrink-0 text-accent" />
            <span className="min-w-0">
              <span id={`start-${card}`} className="block text-sm font-strong">
                {t(card)}
              </span>
              <span id={`start-${card}-note`} className="block text-xs text-muted">
                {t(note)}
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
