import { FileUp, Plus } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { LinkButton } from '../ui/link-button';

/** The ways to more edges. @param may whether the visitor may go them */
export function AddEdges({ may }: { may: boolean }) {
  const t = useTranslations('edgePages.overview');
  const why = may ? undefined : t('adminsOnly');
  return (
    <div className="flex flex-wrap justify-center gap-2">
      <LinkButton href="/operations/edges/import" icon={<FileUp />} disabledReason={why}>
        {t('import')}
      </LinkButton>
      <LinkButton href="/admin/sites/new?purpose=edge" variant="primary" icon={<Plus />} disabledReason={why}>
        {t('add')}
      </LinkButton>
    </div>
  );
}
