import type { ReactNode } from 'react';
import { Card } from '@/ui';

/** A part of a form under a heading. */
export function Section(props: { title: string; help?: string; children: ReactNode }) {
  const { title, help, children } = props;
  return (
    <Card>
      <section aria-label={title} className="flex flex-col gap-4">
        <div>
          <h2 className="text-title-sm">{title}</h2>
          {help ? <p className="text-xs text-subtle">{help}</p> : null}
        </div>
        {children}
      </section>
    </Card>
  );
}
