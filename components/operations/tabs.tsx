import { getTranslations } from 'next-intl/server';
import { operationsSections } from '../shell/navigation';
import { TabLinks } from '../ui/tabs';

/** The pages of operations. */
export async function OperationsTabs() {
  const t = await getTranslations('edgePages.tabs');
  return (
    <TabLinks
      label={t('label')}
      tabs={operationsSections.map(({ name, ...tab }) => ({ ...tab, label: t(name) }))}
    />
  );
}
