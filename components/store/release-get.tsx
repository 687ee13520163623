'use client';

import { useTranslations } from 'next-intl';
import { useSyncExternalStore } from 'react';
import { Card } from '../ui/card';
import { CodeBlock } from '../ui/code-block';
import { Digest } from '../ui/digest';
import { KeyValueList } from '../ui/key-value';
import type { ReleaseView } from './app-page';

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
        <KeyValueList
          items={[{ label: t('digest'), value: <Digest value={release.digest} label={t('digest')} /> }]}
        />
        <CodeBlock text={command} label={t('curl')} language="sh" wrap />
      </div>
    </Card>
  );
}

/** For a POSIX shell: nothing inside single quotes has a meaning. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

const never = () => () => undefined;

/** Where this page comes from; empty on the server, which may be reached by several names. */
function useOrigin(): string {
  return useSyncExternalStore(
    never,
    () => window.location.origin,
    () => '',
  );
}
