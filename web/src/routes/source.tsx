import { Page } from '@/ui';

export function SourcePage() {
  return <Page title="">{null}</Page>;
}
