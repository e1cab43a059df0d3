import { Page } from '@/ui';

export function NewChatPage() {
  return <Page title="">{null}</Page>;
}
