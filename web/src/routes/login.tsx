import { Page } from '@/ui';

export function LoginPage() {
  return <Page title="">{null}</Page>;
}
