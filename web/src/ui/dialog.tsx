import { X } from 'lucide-react';
import { useEffect, useId, useRef, useState, type ReactNode, type SyntheticEvent } from 'react';
import { cx } from '@/lib/cx';
import { useT } from '@/lib/i18n';
import { Button, IconButton } from './button';
import { focusAgain, focused } from './focus';
import { messages } from './messages';
import { OverlayContainer } from './overlay';

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  /** Buttons, the primary one last. */
  footer?: ReactNode;
  size?: 'sm' | 'md' | 'lg';
  /** Something was typed: closing asks before it is lost. */
  dirty?: boolean;
}

/** The browser would focus the close button; people came for the first field. */
const FIRST_FIELD = '[data-body] :is(input, select, textarea):not(:disabled)';

const SIZES = { sm: 'max-w-md', md: 'max-w-xl', lg: 'max-w-4xl' } as const;

/**
 * A modal dialog on the browser's own <dialog>: focus stays inside, the page behind is inert, and
 * no style element is injected, which the content security policy would refuse.
 */
export function Dialog(props: DialogProps) {
  const { open, onClose, dirty } = props;
  const [element, setElement] = useState<HTMLDialogElement | null>(null);
  const opener = useRef<HTMLElement | null>(null);
  const [asking, setAsking] = useState(false);
  const titleId = useId();
  const describedBy = useId();

  useEffect(() => {
    if (!element || !open) return undefined;
    opener.current = focused();
    if (!element.open) element.showModal();
    element.querySelector<HTMLElement>(FIRST_FIELD)?.focus();
    return () => {
      element.close();
      focusAgain(opener.current);
    };
  }, [element, open]);

  if (!open) return null;
  const close = () => {
    if (dirty && !asking) setAsking(true);
    else onClose();
  };
  const cancel = (event: SyntheticEvent) => {
    event.preventDefault();
    close();
  };
  return (
    <dialog
      ref={setElement}
      aria-labelledby={titleId}
      aria-describedby={props.description ? describedBy : undefined}
      onCancel={cancel}
      className={cx(
        'm-auto max-h-[min(90dvh,52rem)] w-[calc(100vw-2rem)] rounded-lg border border-line bg-raised p-0 shadow-overlay backdrop:bg-scrim open:flex open:flex-col open:animate-fade',
        SIZES[props.size ?? 'md'],
      )}
    >
      <OverlayContainer.Provider value={element}>
        <DialogHeader {...props} titleId={titleId} describedBy={describedBy} close={close} />
        <div data-body className="min-h-0 flex-1 overflow-y-auto px-5 py-3">
          {props.children}
        </div>
        {asking ? (
          <DiscardBar onKeep={() => setAsking(false)} onDiscard={onClose} />
        ) : (
          <DialogFooter>{props.footer}</DialogFooter>
        )}
      </OverlayContainer.Provider>
    </dialog>
  );
}

function DialogFooter({ children }: { children: ReactNode }) {
  if (!children) return null;
  return (
    <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3">
      {children}
    </footer>
  );
}

function DiscardBar({ onKeep, onDiscard }: { onKeep: () => void; onDiscard: () => void }) {
  const t = useT(messages);
  return (
    <DialogFooter>
      <p role="alert" className="mr-auto text-sm">
        {t('discardQuestion')}
      </p>
      <Button autoFocus onClick={onKeep}>
        {t('keepEditing')}
      </Button>
      <Button variant="danger" onClick={onDiscard}>
        {t('discard')}
      </Button>
    </DialogFooter>
  );
}

interface HeaderProps extends DialogProps {
  titleId: string;
  describedBy: string;
  close: () => void;
}

function DialogHeader({ title, description, titleId, describedBy, close }: HeaderProps) {
  const t = useT(messages);
  return (
    <header className="flex items-start gap-3 px-5 pt-4 pb-1">
      <div className="min-w-0 flex-1">
        <h2 id={titleId} className="text-title-sm">
          {title}
        </h2>
        {description ? (
          <p id={describedBy} className="text-sm text-muted">
            {description}
          </p>
        ) : null}
      </div>
      <IconButton
        label={t('close')}
        size="sm"
        tooltip={false}
        icon={<X aria-hidden className="size-4" />}
        onClick={close}
      />
    </header>
  );
}
