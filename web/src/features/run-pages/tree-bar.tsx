import { useT } from '@/lib/i18n';
import { cx } from '@/lib/cx';
import { Button, Input } from '@/ui';
import { messages } from './run-messages';

export type RunViewKind = 'tree' | 'timeline';

export interface TreeBarProps {
  view: RunViewKind;
  onView: (view: RunViewKind) => void;
  find: string;
  onFind: (text: string) => void;
  findBox: React.RefObject<HTMLInputElement | null>;
  active: boolean;
  follow: boolean;
  onFollow: (on: boolean) => void;
  whole: boolean;
  onWhole: () => void;
}

const VIEWS = ['tree', 'timeline'] as const;

/** Above the rows: which view, what to find, whether to follow. */
export function TreeBar(props: TreeBarProps) {
  const t = useT(messages);
  const { view, onView, find, onFind, active, follow, onFollow, whole, onWhole } = props;
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2">
      <div role="group" aria-label={t('view')} className="flex rounded-md bg-sunken p-0.5">
        {VIEWS.map((kind) => (
          <button
            key={kind}
            type="button"
            aria-pressed={view === kind}
            onClick={() => onView(kind)}
            className={cx(
              'h-7 rounded-sm px-2.5 text-sm pointer-coarse:h-control',
              view === kind ? 'bg-surface font-strong shadow-card' : 'text-muted hover:text-fg',
            )}
          >
            {t(kind)}
          </button>
        ))}
      </div>
      <Button
        size="sm"
        variant={whole ? 'secondary' : 'ghost'}
        aria-pressed={whole}
        onClick={onWhole}
      >
        {t('wholeRun')}
      </Button>
      <div className="ml-auto w-40 min-w-24 shrink">
        <Input
          ref={props.findBox}
          type="search"
          aria-label={t('find')}
          placeholder={t('find')}
          title={t('keys')}
          value={find}
          onChange={(event) => onFind(event.target.value)}
        />
      </div>
      {active ? (
        <label className="flex items-center gap-1.5 text-sm text-muted">
          <input
            type="checkbox"
            checked={follow}
            onChange={(event) => onFollow(event.target.checked)}
          />
          {t('follow')}
        </label>
      ) : null}
    </div>
  );
}
