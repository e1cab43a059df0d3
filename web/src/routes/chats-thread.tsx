import { Page } from '@/ui';

export function ThreadPage() {
  return <Page title="">{null}</Page>;
}
