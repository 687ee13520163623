'use client';

import { useTranslations } from 'next-intl';
import type { CloudOffers, CloudWish, FurtherNetwork, NetworkKind, NetworkOffer } from '@/server/sites/site';
import { Card } from '../ui/card';
import { Checkbox } from '../ui/checkbox';
import { Field, Fieldset } from '../ui/field';
import { Notice } from '../ui/notice';
import { Select } from '../ui/select';
import { CloudNetworks } from './create-cloud-networks';
import { OpenPorts } from './create-ports';

/** What only a cloud takes: networks with addresses, the ways in, and where the VM is placed. */
export function CloudFields({
  offers,
  networks,
  network,
  value,
  onNetwork,
  onChange,
}: {
  offers: CloudOffers;
  networks: readonly NetworkOffer[];
  /** The first card. */
  network: FurtherNetwork;
  value: CloudWish;
  onNetwork: (network: FurtherNetwork) => void;
  onChange: (cloud: CloudWish) => void;
}) {
  const t = useTranslations('workbench.create');
  const kind = networks.find(({ id }) => id === network.id)?.kind;
  return (
    <>
      <Card title={t('network')} description={t('cloudNetworkText')}>
        <CloudNetworks
          networks={networks}
          cards={[network, ...value.moreNetworks]}
          onChange={([first = network, ...moreNetworks]) => {
            onNetwork(first);
            onChange({ ...value, moreNetworks });
          }}
        />
      </Card>
      {kind !== 'none' && (
        <Card title={t('ways')} description={t('waysText')}>
          <div className="flex flex-col gap-6">
            <OpenPorts ports={value.openPorts} onChange={(openPorts) => onChange({ ...value, openPorts })} />
            <Groups
              offers={offers}
              chosen={value.securityGroupIds}
              onChange={(securityGroupIds) => onChange({ ...value, securityGroupIds })}
            />
            <FloatingIp
              offers={offers}
              kind={kind}
              value={value.floatingNetworkId}
              onChange={(floatingNetworkId) => onChange({ ...value, floatingNetworkId })}
            />
          </div>
        </Card>
      )}
      {offers.zones.length > 1 && (
        <Card>
          <Field label={t('zone')} hint={t('zoneHint')}>
            <Select
              value={value.zone ?? ''}
              options={[
                { value: '', label: t('zoneAny') },
                ...offers.zones.map((zone) => ({ value: zone, label: zone })),
              ]}
              onChange={(event) => onChange({ ...value, zone: event.target.value || undefined })}
            />
          </Field>
        </Card>
      )}
    </>
  );
}

function Groups({
  offers,
  chosen,
  onChange,
}: {
  offers: CloudOffers;
  chosen: readonly string[];
  onChange: (ids: string[]) => void;
}) {
  const t = useTranslations('workbench.create');
  if (offers.securityGroups.length === 0) return null;
  return (
    <Fieldset legend={t('groups')} hint={t('groupsHint')}>
      {offers.securityGroups.map(({ id, name, description }) => (
        <Checkbox
          key={id}
          label={name}
          hint={description === '' ? undefined : description}
          checked={chosen.includes(id)}
          onChange={(event) =>
            onChange(event.target.checked ? [...chosen, id] : chosen.filter((each) => each !== id))
          }
        />
      ))}
    </Fieldset>
  );
}

function FloatingIp({
  offers,
  kind,
  value,
  onChange,
}: {
  offers: CloudOffers;
  kind: NetworkKind | undefined;
  value: string | undefined;
  onChange: (networkId: string | undefined) => void;
}) {
  const t = useTranslations('workbench.create');
  const networks = offers.floatingNetworks;
  const none = networks.length === 0;
  return (
    <div className="flex flex-col gap-3">
      <Field label={t('floatingIp')} hint={none ? t('floatingNone') : t('floatingHint')}>
        <Select
          value={value ?? ''}
          disabled={none}
          options={[
            { value: '', label: t('floatingOff') },
            ...networks.map(({ id, name }) => ({ value: id, label: t('floatingFrom', { name }) })),
          ]}
          onChange={(event) => onChange(event.target.value || undefined)}
        />
      </Field>
      {kind === 'isolated' && <Notice tone="warning">{t('isolatedWarning')}</Notice>}
      {kind === 'nat' && value === undefined && <Notice>{t('natWarning')}</Notice>}
    </div>
  );
}
