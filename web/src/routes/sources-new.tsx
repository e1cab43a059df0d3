import { Page } from '@/ui';

export function NewSourcePage() {
  return <Page title="">{null}</Page>;
}
