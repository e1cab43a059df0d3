import { Page } from '@/ui';

export function AboutPage() {
  return <Page title="">{null}</Page>;
}
