import { getTranslations } from 'next-intl/server';
import { TabLinks } from '../ui/tabs';

const tabs = [
  { name: 'overview', href: '/operations', exact: true },
  { name: 'releases', href: '/operations/releases' },
  { name: 'distributions', href: '/operations/distributions' },
  { name: 'deployments', href: '/deployments' },
  { name: 'edges', href: '/operations/edges' },
  { name: 'stores', href: '/operations/stores' },
] as const;

/** The pages of operations. */
export async function OperationsTabs() {
  const t = await getTranslations('edgePages.tabs');
  return <TabLinks label={t('label')} tabs={tabs.map(({ name, ...tab }) => ({ ...tab, label: t(name) }))} />;
}
