import { Page } from '@/ui';

export function ResetPage() {
  return <Page title="">{null}</Page>;
}
