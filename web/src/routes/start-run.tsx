import { useNavigate } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useCan } from '@/api/resources';
import { defineMessages, useT } from '@/lib/i18n';
import { Button, type ButtonProps } from '@/ui';

const StartRun = lazy(() => import('@/features/run-pages/start-run'));

const messages = defineMessages({
  en: { some: 'Run an agent', this: 'Run in the background' },
  fr: { some: 'Exécuter un agent', this: 'Exécuter en arrière-plan' },
});

interface StartRunButtonProps {
  /** Chosen beforehand; without it the dialog asks which. */
  agent?: string;
  variant?: NonNullable<ButtonProps['variant']>;
}

/** Gives an agent a goal for the background, and opens the run. */
export function StartRunButton({ agent, variant = 'primary' }: StartRunButtonProps) {
  const t = useT(messages);
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  if (!useCan()('run:create')) return null;
  return (
    <>
      <Button
        variant={variant}
        icon={<Play aria-hidden className="size-4" />}
        onClick={() => setOpen(true)}
      >
        {t(agent === undefined ? 'some' : 'this')}
      </Button>
      {open ? (
        <Suspense>
          <StartRun
            {...(agent === undefined ? {} : { agent })}
            onClose={() => setOpen(false)}
            onStarted={(run) => void navigate({ to: '/runs/$run', params: { run } })}
          />
        </Suspense>
      ) : null}
    </>
  );
}
