import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { headers } from 'next/headers';
import { requirePageRole } from '@/components/access/require-role';
import { ByteSize } from '@/components/ui/byte-size';
import { Card } from '@/components/ui/card';
import { InlineCode } from '@/components/ui/code-block';
import { KeyValueList } from '@/components/ui/key-value';
import { PageHeader } from '@/components/ui/page-header';
import { houseOf } from '@/server/house';

const mebibyte = 1024 * 1024;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('access.settings'))('title') };
}

export default async function SettingsPage() {
  await requirePageRole('admin');
  const t = await getTranslations('access.settings');
  const { config } = houseOf();
  const { qemu, oidc } = config;
  const here = config.publicUrl ?? `http://${(await headers()).get('host') ?? config.host}`;
  const bytes = (value: number | undefined) =>
    value === undefined ? t('machine') : <ByteSize bytes={value * mebibyte} />;
  return (
    <>
      <PageHeader title={t('title')} description={t('description')} />
      <div className="flex flex-col gap-6">
        <Card title={t('server')}>
          <KeyValueList
            items={[
              {
                label: t('address'),
                value: config.publicUrl ?? t('addressUnset'),
                hint: t('addressHint'),
              },
              { label: t('listens'), value: <InlineCode>{`${config.host}:${config.port}`}</InlineCode> },
              { label: t('data'), value: <InlineCode>{config.dataDir}</InlineCode>, hint: t('dataHint') },
            ]}
          />
        </Card>
        <Card title={t('signIn')}>
          <KeyValueList
            items={[
              { label: t('passwords'), value: t('passwordsOn') },
              {
                label: t('oidc'),
                value: oidc ? `${oidc.label} (${oidc.issuer})` : t('oidcOff'),
                hint: t('oidcHint', { address: `${here}/api/auth/callback/oidc` }),
              },
            ]}
          />
        </Card>
        <Card title={t('qemu')}>
          <KeyValueList
            items={[
              { label: t('guests'), value: <InlineCode>{config.guestsDir}</InlineCode> },
              { label: t('memory'), value: bytes(qemu.maxMemoryMiB) },
              { label: t('cpus'), value: qemu.maxVcpus ?? t('machine') },
              {
                label: t('disk'),
                value: bytes(qemu.maxDiskGiB === undefined ? undefined : qemu.maxDiskGiB * 1024),
              },
            ]}
          />
        </Card>
      </div>
    </>
  );
}
