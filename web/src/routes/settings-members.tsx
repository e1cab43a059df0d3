import { Page } from '@/ui';

export function MembersPage() {
  return <Page title="">{null}</Page>;
}
