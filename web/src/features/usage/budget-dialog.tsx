import { useQueryClient } from '@tanstack/react-query';
import type { BudgetPeriod, BudgetSubject, BudgetUnit } from '@/api/types';
import { useForm } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { FormDialog, FormField, FormSelect } from '@/ui';
import { budgetsQuery, createBudget } from './api';
import { messages } from './messages';

const AMOUNT = /^\d{1,9}(\.\d{1,6})?$/;

/** What the form's texts mean; `run` is its own period. */
function useBudgetForm(onClose: () => void) {
  const t = useT(messages);
  const queryClient = useQueryClient();
  return useForm({
    initial: {
      subject: 'organization',
      unit: 'usd',
      period: 'month',
      soft_limit: '',
      hard_limit: '',
    },
    validate: ({ subject, unit, soft_limit: soft, hard_limit: hard }) => ({
      ...(subject === 'run' && unit === 'messages' ? { unit: t('noMessages') } : {}),
      ...(soft !== '' && !AMOUNT.test(soft) ? { soft_limit: t('amountWrong') } : {}),
      ...(hard !== '' && !AMOUNT.test(hard) ? { hard_limit: t('amountWrong') } : {}),
      ...(soft === '' && hard === '' ? { hard_limit: t('oneLimit') } : {}),
    }),
    submit: ({ subject, unit, period, soft_limit: soft, hard_limit: hard }) =>
      createBudget({
        subject: subject as BudgetSubject,
        unit: unit as BudgetUnit,
        period: subject === 'run' ? 'run' : (period as BudgetPeriod),
        soft_limit: soft === '' ? null : soft,
        hard_limit: hard === '' ? null : hard,
      }),
    onSuccess: async () => {
      await queryClient.invalidateQueries(budgetsQuery);
      onClose();
    },
  });
}

export function BudgetDialog({ onClose }: { onClose: () => void }) {
  const t = useT(messages);
  const form = useBudgetForm(onClose);
  return (
    <FormDialog
      form={form}
      title={t('addBudget')}
      description={t('budgetLead')}
      submit={t('setBudget')}
      onClose={onClose}
    >
      <FormSelect
        form={form}
        name="subject"
        label={t('subject')}
        options={[
          { value: 'organization', label: t('organization') },
          { value: 'member', label: t('member') },
          { value: 'agent', label: t('agent') },
          { value: 'run', label: t('run') },
        ]}
      />
      <FormSelect
        form={form}
        name="unit"
        label={t('unit')}
        options={[
          { value: 'usd', label: t('usd') },
          { value: 'tokens', label: t('tokens') },
          { value: 'messages', label: t('messages') },
        ]}
      />
      {form.values.subject === 'run' ? null : (
        <FormSelect
          form={form}
          name="period"
          label={t('period')}
          options={[
            { value: 'day', label: t('day') },
            { value: 'month', label: t('month') },
          ]}
        />
      )}
      <FormField
        form={form}
        name="soft_limit"
        label={t('soft')}
        help={t('softHelp')}
        inputMode="decimal"
        optional
      />
      <FormField
        form={form}
        name="hard_limit"
        label={t('hard')}
        help={t('hardHelp')}
        inputMode="decimal"
        optional
      />
    </FormDialog>
  );
}
