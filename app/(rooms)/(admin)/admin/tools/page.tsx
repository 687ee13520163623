import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { ToolCatalogue } from '@/components/tools/tool-catalogue';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('tools.admin'))('title') };
}

export default async function ToolsPage() {
  await requirePageRole('admin');
  return <ToolCatalogue />;
}
