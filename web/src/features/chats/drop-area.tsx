import type { ReactNode } from 'react';
import { useT } from '@/lib/i18n';
import { messages } from './messages';
import { useDrop } from './use-drop';

interface DropAreaProps {
  onFiles: (files: File[]) => void;
  children: ReactNode;
}

/** A page one can drop files on; the button in the composer does the same without a mouse. */
export function DropArea({ onFiles, children }: DropAreaProps) {
  const t = useT(messages);
  const { over, handlers } = useDrop(onFiles);
  return (
    <div className="relative flex h-full min-h-0 flex-col" {...handlers}>
      {children}
      {over && (
        <div className="pointer-events-none absolute inset-3 z-20 flex items-center justify-center rounded-lg border-2 border-dashed border-accent bg-accent-soft text-title-sm text-accent">
          {t('dropHere')}
        </div>
      )}
    </div>
  );
}
