import { Link } from '@tanstack/react-router';
import {
  Activity,
  BookOpen,
  Bot,
  Database,
  FileText,
  Inbox,
  MessagesSquare,
  PanelLeft,
  Settings,
  SquarePen,
  X,
} from 'lucide-react';
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import { useCan } from '@/api/resources';
import { StatusLine } from '@/features/status/status-line';
import { cx } from '@/lib/cx';
import { useT } from '@/lib/i18n';
import { railStore, setRailNarrow } from '@/lib/preferences';
import { buttonClass, IconButton, Tooltip } from '@/ui';
import { Logo, PRODUCT } from '@/ui/logo';
import { OverlayContainer } from '@/ui/overlay';
import { messages } from './messages';
import { UserMenu } from './user-menu';

// The live link comes after the first paint.
const InboxBadge = lazy(() => import('@/routes/inbox-badge'));

const ITEM =
  'relative flex h-8 items-center gap-2.5 rounded-md px-2.5 text-sm text-muted hover:bg-sunken hover:text-fg pointer-coarse:h-control data-[status=active]:bg-accent-soft data-[status=active]:font-strong data-[status=active]:text-fg data-[status=active]:before:absolute data-[status=active]:before:inset-y-1 data-[status=active]:before:left-0 data-[status=active]:before:w-0.5 data-[status=active]:before:rounded-full data-[status=active]:before:bg-accent';

interface RailLinkProps {
  to: `/${'chats' | 'inbox' | 'runs' | 'documents' | 'sources' | 'definitions' | 'agents' | 'settings'}`;
  icon: ReactNode;
  label: string;
  narrow: boolean;
  /** Behind the label: a count. */
  badge?: ReactNode;
}

function RailLink({ to, icon, label, narrow, badge }: RailLinkProps) {
  const link = (
    <Link to={to} className={cx(ITEM, narrow && 'justify-center px-0!')}>
      {icon}
      <span className={narrow ? 'sr-only' : 'truncate'}>{label}</span>
      {badge}
    </Link>
  );
  return narrow ? (
    <Tooltip label={label} side="right">
      {link}
    </Tooltip>
  ) : (
    link
  );
}

function Group({
  label,
  narrow,
  children,
}: {
  label: string;
  narrow: boolean;
  children: ReactNode;
}) {
  return (
    <div className="flex flex-col gap-0.5">
      <p className={narrow ? 'mx-3 my-1 h-px bg-line' : 'px-2.5 pt-3 pb-1 text-xs text-subtle'}>
        <span className={narrow ? 'sr-only' : undefined}>{label}</span>
      </p>
      {children}
    </div>
  );
}

function NewChat({ narrow }: { narrow: boolean }) {
  const t = useT(messages);
  const link = (
    <Link
      to="/chats/new"
      className={cx(buttonClass('secondary'), narrow ? 'w-control px-0!' : 'w-full justify-start')}
    >
      <SquarePen aria-hidden className="size-4" />
      <span className={narrow ? 'sr-only' : undefined}>{t('newChat')}</span>
    </Link>
  );
  return narrow ? (
    <Tooltip label={t('newChat')} side="right">
      {link}
    </Tooltip>
  ) : (
    link
  );
}

export interface RailProps {
  narrow: boolean;
  /** In the drawer: the button beside the name closes it. */
  onClose?: () => void;
}

function RailHead({ narrow, onClose }: RailProps) {
  const t = useT(messages);
  const toggle = onClose ?? (() => setRailNarrow(!railStore.get()));
  const label = onClose ? t('closeNav') : narrow ? t('expand') : t('collapse');
  const Icon = onClose ? X : PanelLeft;
  return (
    <div className={cx('flex h-12 items-center gap-2', narrow ? 'justify-center' : 'pl-2.5')}>
      {narrow ? null : (
        <Link to="/" className="flex min-w-0 flex-1 items-center gap-2 rounded-md font-strong">
          <Logo />
          <span>{PRODUCT}</span>
        </Link>
      )}
      <IconButton
        label={label}
        shortcut={onClose ? undefined : '['}
        icon={<Icon aria-hidden className="size-4" />}
        onClick={toggle}
      />
    </div>
  );
}

export function Rail({ narrow, onClose }: RailProps) {
  const t = useT(messages);
  const can = useCan();
  return (
    <nav
      aria-label={t('mainNav')}
      className={cx(
        'z-20 flex h-full flex-col border-r border-line bg-surface px-2 pb-2',
        narrow ? 'w-14' : 'w-60',
      )}
    >
      <RailHead narrow={narrow} onClose={onClose} />
      <div className="flex min-h-0 flex-1 flex-col gap-1 overflow-y-auto pt-1">
        {can('thread:create') ? <NewChat narrow={narrow} /> : null}
        {can('thread:get') ? (
          <Group label={t('work')} narrow={narrow}>
            <RailLink
              to="/chats"
              narrow={narrow}
              label={t('chats')}
              icon={<MessagesSquare aria-hidden className="size-4 shrink-0" />}
            />
            {can('request:get') ? (
              <RailLink
                to="/inbox"
                narrow={narrow}
                label={t('inbox')}
                icon={<Inbox aria-hidden className="size-4 shrink-0" />}
                badge={
                  <Suspense fallback={null}>
                    <InboxBadge />
                  </Suspense>
                }
              />
            ) : null}
            {can('run:get') ? (
              <RailLink
                to="/runs"
                narrow={narrow}
                label={t('runs')}
                icon={<Activity aria-hidden className="size-4 shrink-0" />}
              />
            ) : null}
            {can('document:get') ? (
              <RailLink
                to="/documents"
                narrow={narrow}
                label={t('documents')}
                icon={<FileText aria-hidden className="size-4 shrink-0" />}
              />
            ) : null}
          </Group>
        ) : null}
        {can('source:get') ? (
          <Group label={t('data')} narrow={narrow}>
            <RailLink
              to="/sources"
              narrow={narrow}
              label={t('sources')}
              icon={<Database aria-hidden className="size-4 shrink-0" />}
            />
            {can('definition:get') ? (
              <RailLink
                to="/definitions"
                narrow={narrow}
                label={t('definitions')}
                icon={<BookOpen aria-hidden className="size-4 shrink-0" />}
              />
            ) : null}
          </Group>
        ) : null}
        {can('agent:get') ? (
          <Group label={t('automation')} narrow={narrow}>
            <RailLink
              to="/agents"
              narrow={narrow}
              label={t('agents')}
              icon={<Bot aria-hidden className="size-4 shrink-0" />}
            />
          </Group>
        ) : null}
      </div>
      <div className="flex flex-col gap-0.5 border-t border-line pt-2">
        <StatusLine narrow={narrow} />
        <RailLink
          to="/settings"
          narrow={narrow}
          label={t('settings')}
          icon={<Settings aria-hidden className="size-4 shrink-0" />}
        />
        <UserMenu narrow={narrow} />
      </div>
    </nav>
  );
}

/** The rail under 1024 px: a modal drawer on the browser's own dialog. */
export function Drawer({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useT(messages);
  const [element, setElement] = useState<HTMLDialogElement | null>(null);
  useEffect(() => {
    if (!element) return undefined;
    element.showModal();
    return () => element.close();
  }, [element]);
  if (!open) return null;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events -- the click is on the scrim; Escape does the same from the keyboard
    <dialog
      ref={setElement}
      aria-label={t('mainNav')}
      onCancel={onClose}
      onClick={(event) => {
        if (event.target === element) onClose();
      }}
      className="m-0 h-dvh max-h-none w-60 border-0 bg-surface p-0 backdrop:bg-scrim lg:hidden"
    >
      <OverlayContainer.Provider value={element}>
        <Rail narrow={false} onClose={onClose} />
      </OverlayContainer.Provider>
    </dialog>
  );
}
