'use client';

import { Link2, Upload } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { usePathname, useRouter } from 'next/navigation';
import { PageHeader } from '../ui/page-header';
import { Tabs } from '../ui/tabs';
import { FetchForm } from './fetch-form';
import { UploadForm } from './upload-form';

/** Two ways to add an image; the chosen one stands in the address. */
export function NewImage({ from }: { from: 'file' | 'url' }) {
  const t = useTranslations('images');
  const router = useRouter();
  const pathname = usePathname();
  return (
    <>
      <PageHeader
        title={t('new.title')}
        description={t('new.description')}
        crumbs={[{ label: t('list.title'), href: '/images' }]}
      />
      <Tabs
        label={t('new.title')}
        value={from}
        onValueChange={(value) => router.replace(value === 'url' ? `${pathname}?from=url` : pathname)}
        tabs={[
          { value: 'file', label: t('new.upload'), icon: <Upload />, content: <UploadForm /> },
          { value: 'url', label: t('new.fetch'), icon: <Link2 />, content: <FetchForm /> },
        ]}
      />
    </>
  );
}
