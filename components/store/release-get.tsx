'use client';

import { useTranslations } from 'next-intl';
import { Card } from '../ui/card';
import { CodeBlock } from '../ui/code-block';
import { Digest } from '../ui/digest';
import type { ReleaseView } from './app-page';
import { useOrigin } from './use-origin';

/** How to get a release and be sure of it. */
export function ReleaseGet({ release }: { release: ReleaseView }) {
  const t = useTranslations('store.app');
  const origin = useOrigin();
  const file = quoted(release.fileName);
  const command = [
    `curl -fL -o ${file} ${quoted(`${origin}${release.contentUrl}`)}`,
    `echo ${quoted(`${release.digest.replace('sha256:', '')}  ${release.fileName}`)} | sha256sum -c`,
  ].join('\n');
  return (
    <Card title={t('get')}>
      <div className="flex flex-col gap-4">
        <div>
          <p className="text-text-muted text-[0.8125rem]">{t('digest')}</p>
          <Digest value={release.digest} label={t('digest')} length={24} />
        </div>
        <CodeBlock text={command} label={t('curl')} language="sh" wrap />
      </div>
    </Card>
  );
}

/** For a POSIX shell: nothing inside single quotes has a meaning. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
