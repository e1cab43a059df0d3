import type { ReactNode } from 'react';
import { defineMessages, useT } from '@/lib/i18n';
import { Select, type SelectProps } from './field';
import { LineDiff, type DiffLine } from './line-diff';
import { Table } from './table';

const messages = defineMessages({
  en: {
    compare: 'Compare',
    compareWith: 'with',
    before: 'Before',
    after: 'After',
    field: 'Field',
    same: 'Nothing differs.',
    linesRemoved: 'Removed: ',
    linesAdded: 'Added: ',
  },
  fr: {
    compare: 'Comparer',
    compareWith: 'avec',
    before: 'Avant',
    after: 'Après',
    field: 'Champ',
    same: 'Rien ne diffère.',
    linesRemoved: 'Retiré : ',
    linesAdded: 'Ajouté : ',
  },
});

export interface FieldChange {
  field: string;
  /** As people read it; empty for nothing. */
  before: string;
  after: string;
}

export interface DifferenceProps {
  changes: readonly FieldChange[];
  /** Longer texts, line by line; those that are alike have no lines. */
  texts: readonly { label: string; lines: readonly DiffLine[] }[];
}

/** What differs between two versions, or that nothing does. */
export function Difference({ changes, texts }: DifferenceProps) {
  const t = useT(messages);
  const told = texts.filter(({ lines }) => lines.length > 0);
  if (changes.length + told.length === 0) return <p className="text-sm text-muted">{t('same')}</p>;
  const cell = (text: string) => <span className="break-words">{text === '' ? '—' : text}</span>;
  return (
    <>
      {changes.length > 0 ? (
        <Table
          label={t('compare')}
          rows={changes}
          rowKey={({ field }) => field}
          columns={[
            { key: 'field', header: t('field'), cell: ({ field }) => field },
            { key: 'before', header: t('before'), cell: ({ before }) => cell(before) },
            { key: 'after', header: t('after'), cell: ({ after }) => cell(after) },
          ]}
        />
      ) : null}
      {told.map(({ label, lines }) => (
        <div key={label} className="flex min-w-0 flex-col gap-1">
          <h3 className="text-xs text-subtle">{label}</h3>
          <LineDiff
            label={label}
            lines={lines}
            spoken={{ removed: t('linesRemoved'), added: t('linesAdded') }}
          />
        </div>
      ))}
    </>
  );
}

export interface VersionPairProps {
  options: SelectProps['options'];
  from: string;
  to: string;
  onFrom: (version: string) => void;
  onTo: (version: string) => void;
  /** What differs between the two. */
  children: ReactNode;
}

/** Chooses two versions of something and shows what differs. */
export function VersionPair({ options, from, to, onFrom, onTo, children }: VersionPairProps) {
  const t = useT(messages);
  const side = (label: string, value: string, onChange: (value: string) => void) => (
    <Select
      className="w-36!"
      aria-label={label}
      value={value}
      options={options}
      onChange={onChange}
    />
  );
  return (
    <section aria-label={t('compare')} className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="w-full text-title-sm sm:w-auto">{t('compare')}</h2>
        {side(t('before'), from, onFrom)}
        <span className="text-sm text-muted">{t('compareWith')}</span>
        {side(t('after'), to, onTo)}
      </div>
      {children}
    </section>
  );
}
