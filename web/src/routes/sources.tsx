import { Page } from '@/ui';

export function SourcesPage() {
  return <Page title="">{null}</Page>;
}
