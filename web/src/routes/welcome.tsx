import { Page } from '@/ui';

export function WelcomePage() {
  return <Page title="">{null}</Page>;
}
