import { Page } from '@/ui';

export function AppearancePage() {
  return <Page title="">{null}</Page>;
}
