import { isEmail, isPassword, PASSWORD_MIN } from '@/lib/checks';
import type { Errors, Form } from '@/lib/form';
import { useT, type Translate } from '@/lib/i18n';
import { FormField } from '@/ui';
import { messages } from './messages';

export interface AccountValues extends Record<string, string> {
  name: string;
  email: string;
  password: string;
}

export const EMPTY_ACCOUNT: AccountValues = { name: '', email: '', password: '' };

export function useAccountCheck(): (values: AccountValues) => Errors<AccountValues> {
  const t: Translate<keyof (typeof messages)['en']> = useT(messages);
  return ({ name, email, password }) => ({
    ...(name.trim() === '' ? { name: t('needName') } : {}),
    ...(isEmail(email) ? {} : { email: t('needEmail') }),
    ...(isPassword(password) ? {} : { password: t('shortPassword', { min: PASSWORD_MIN }) }),
  });
}

/** Name, email and password of a new account. */
export function AccountFields({ form }: { form: Form<AccountValues> }) {
  const t = useT(messages);
  return (
    <>
      <FormField form={form} name="name" label={t('name')} autoComplete="name" />
      <FormField form={form} name="email" type="email" label={t('email')} autoComplete="username" />
      <FormField
        form={form}
        name="password"
        type="password"
        label={t('password')}
        help={t('passwordHelp', { min: PASSWORD_MIN })}
        autoComplete="new-password"
      />
    </>
  );
}
