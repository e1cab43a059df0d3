import { Page } from '@/ui';

export function ChatsPage() {
  return <Page title="">{null}</Page>;
}
