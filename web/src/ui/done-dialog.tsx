import { useT } from '@/lib/i18n';
import { Button } from './button';
import { Dialog, type DialogProps } from './dialog';
import { messages } from './messages';

/** A dialog that gives something to take along, and is then done with. */
export function DoneDialog(props: Omit<DialogProps, 'open' | 'dirty' | 'footer'>) {
  const t = useT(messages);
  return (
    <Dialog
      {...props}
      open
      footer={
        <Button variant="primary" onClick={props.onClose}>
          {t('done')}
        </Button>
      }
    />
  );
}
