import { TRPCError } from '@trpc/server';
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { AppGone } from '@/components/store/app-gone';
import { AppPage } from '@/components/store/app-page';
import { callerOfRequest } from '@/server/api/trpc/server';
import { isProblem } from '@/server/problem';

type Props = { params: Promise<{ appId: string }> };

/** The app; or the name of one that was taken down; or nothing. */
const findApp = cache(async (id: string) => {
  try {
    return { app: await (await callerOfRequest()).store.app({ id }) };
  } catch (error) {
    const problem = error instanceof TRPCError ? error.cause : error;
    if (isProblem(problem) && problem.code === 'gone') return { gone: String(problem.params['name']) };
    if (isProblem(problem) && problem.code === 'not_found') return {};
    throw error;
  }
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { app, gone } = await findApp((await params).appId);
  if (app) return { title: app.name, description: app.description };
  const t = await getTranslations('store');
  // What was taken down must not be found by its old address either.
  return { title: gone ?? t('missing.title'), robots: { index: false } };
}

export default async function StoreAppPage({ params }: Props) {
  const { app, gone } = await findApp((await params).appId);
  if (app) return <AppPage initial={app} />;
  if (gone !== undefined) return <AppGone name={gone} />;
  notFound();
}
