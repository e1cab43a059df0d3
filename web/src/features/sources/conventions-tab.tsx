import { useState } from 'react';
import { useCan } from '@/api/resources';
import type { Conventions, Source } from '@/api/types';
import { useForm, type Errors } from '@/lib/form';
import { formatMonth } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Button, Card, Form, FormArea, FormField, FormSelect, LeaveGuard } from '@/ui';
import { updateSource, useSourcesChanged } from './api';
import { conventionsMessages } from './conventions-messages';
import { unitsOf, unitsText } from './units';

interface Shown extends Record<string, string> {
  fiscal_year_start: string;
  week_start: string;
  time_zone: string;
  currency: string;
  units: string;
}

const WEEK_STARTS = ['monday', 'saturday', 'sunday'] as const;

const MONTHS = Array.from({ length: 12 }, (_, index) => index + 1);
const ZONES = 'time-zones';

function shownOf(known: Conventions): Shown {
  return {
    fiscal_year_start: String(known.fiscal_year_start ?? ''),
    week_start: known.week_start ?? '',
    time_zone: known.time_zone ?? '',
    currency: known.currency ?? '',
    units: unitsText(known.units ?? []),
  };
}

function conventionsOf(shown: Shown): Conventions {
  const units = unitsOf(shown.units);
  return {
    fiscal_year_start: shown.fiscal_year_start === '' ? null : Number(shown.fiscal_year_start),
    week_start: WEEK_STARTS.find((one) => one === shown.week_start) ?? null,
    time_zone: shown.time_zone.trim() || null,
    currency: shown.currency.trim().toUpperCase() || null,
    units: Array.isArray(units) ? units : [],
  };
}

/** How a source counts: its year, week, clock, money, and the units of its columns. */
export default function ConventionsTab({ source }: { source: Source }) {
  const t = useT(conventionsMessages);
  const may = useCan()('source:update');
  const changed = useSourcesChanged();
  const [saved, setSaved] = useState(false);
  const form = useForm({
    initial: shownOf(source.conventions ?? {}),
    validate: (values) => {
      const errors: Errors<Shown> = {};
      if (!/^([a-z]{3})?$/iu.test(values.currency.trim())) errors.currency = t('needCurrency');
      const units = unitsOf(values.units);
      if (!Array.isArray(units)) errors.units = t('needUnits', { line: units });
      return errors;
    },
    submit: (values) => updateSource(source.id, { conventions: conventionsOf(values) }),
    onSuccess: async () => {
      setSaved(true);
      await changed();
    },
  });
  const unknown = { value: '', label: t('unknown') };
  return (
    <div className="max-w-xl">
      <LeaveGuard when={form.dirty && !form.pending} />
      <Card title={t('title')} description={t('lead')}>
        <Form form={form}>
          <fieldset disabled={!may} className="flex flex-col gap-4">
            <FormSelect
              form={form}
              name="fiscal_year_start"
              label={t('fiscal')}
              options={[
                unknown,
                ...MONTHS.map((month) => ({ value: String(month), label: formatMonth(month) })),
              ]}
            />
            <FormSelect
              form={form}
              name="week_start"
              label={t('week')}
              options={[unknown, ...WEEK_STARTS.map((value) => ({ value, label: t(value) }))]}
            />
            <FormField
              form={form}
              name="time_zone"
              label={t('zone')}
              help={t('zoneHelp')}
              list={ZONES}
              autoComplete="off"
              optional
            />
            <datalist id={ZONES}>
              {Intl.supportedValuesOf('timeZone').map((zone) => (
                <option key={zone} value={zone} />
              ))}
            </datalist>
            <FormField
              form={form}
              name="currency"
              label={t('currency')}
              help={t('currencyHelp')}
              optional
              maxLength={3}
            />
            <FormArea
              form={form}
              name="units"
              label={t('units')}
              help={t('unitsHelp')}
              optional
              spellCheck={false}
            />
            <div className="flex flex-wrap items-center gap-3">
              {may ? (
                <Button type="submit" variant="primary" loading={form.pending}>
                  {t('save')}
                </Button>
              ) : null}
              <p role="status" className="text-xs text-subtle">
                {may ? (saved && !form.dirty ? t('saved') : '') : t('viewOnly')}
              </p>
            </div>
          </fieldset>
        </Form>
      </Card>
    </div>
  );
}
