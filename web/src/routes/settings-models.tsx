import { Page } from '@/ui';

export function ModelsPage() {
  return <Page title="">{null}</Page>;
}
