import { Page } from '@/ui';

export function InvitePage() {
  return <Page title="">{null}</Page>;
}
