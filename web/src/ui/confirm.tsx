import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useT } from '@/lib/i18n';
import { Button } from './button';
import { Dialog } from './dialog';
import { ErrorPanel } from './error-panel';
import { messages } from './messages';

export interface ConfirmProps {
  open: boolean;
  title: string;
  children: ReactNode;
  /** The verb on the button: “Delete source”. */
  action: string;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

/** Asks before something that cannot be taken back; stays open when it fails. */
export function Confirm({ open, title, children, action, onConfirm, onClose }: ConfirmProps) {
  const t = useT(messages);
  const run = useMutation({ mutationFn: onConfirm });
  const close = () => {
    run.reset();
    onClose();
  };
  // An answer that comes after the question was closed closes no other one.
  const confirm = () => run.mutate(undefined, { onSuccess: onClose });
  return (
    <Dialog
      open={open}
      onClose={close}
      title={title}
      size="sm"
      footer={
        <>
          <Button onClick={close}>{t('cancel')}</Button>
          <Button variant="danger" loading={run.isPending} onClick={confirm}>
            {action}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-sm text-muted">
        {children}
        {run.error ? <ErrorPanel error={run.error} /> : null}
      </div>
    </Dialog>
  );
}
