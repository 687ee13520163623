import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { ApiDocs } from '@/components/api-docs/api-docs';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('api.docs'))('title') };
}

export default function ApiDocsPage() {
  return <ApiDocs />;
}
