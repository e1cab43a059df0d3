import { lazy, Suspense } from 'react';
import { PlainCode } from '@/ui/code/plain-code';

const SqlEditor = lazy(() => import('@/features/queries/sql-editor'));

interface SqlFieldProps {
  value: string;
  label: string;
  onChange: (value: string) => void;
}

const nothing = () => undefined;

/** A statement among the arguments, in the editor of the chats; it is not run from here. */
export const sqlField = ({ value, label, onChange }: SqlFieldProps) => (
  <Suspense fallback={<PlainCode text={value} />}>
    <SqlEditor
      value={value}
      onChange={onChange}
      onRun={nothing}
      label={label}
      hint={label}
      catalog={undefined}
      engine={undefined}
    />
  </Suspense>
);
