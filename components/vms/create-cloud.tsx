'use client';

import { useTranslations } from 'next-intl';
import type { CloudOffers, CloudWish, FurtherNetwork, NetworkOffer } from '@/server/sites/site';
import { Card } from '../ui/card';
import { Checkbox } from '../ui/checkbox';
import { Field, Fieldset } from '../ui/field';
import { Select } from '../ui/select';
import { CloudNetworks } from './create-cloud-networks';
import { OpenPorts } from './create-ports';

/** What a cloud is asked for at first: the way in that files and tools need, and nothing else. */
export const plainWish: CloudWish = {
  moreNetworks: [],
  securityGroupIds: [],
  openPorts: [{ protocol: 'tcp', port: 22 }],
};

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
  const alone = networks.find(({ id }) => id === network.id)?.kind === 'none';
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
      {!alone && (
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
  value,
  onChange,
}: {
  offers: CloudOffers;
  value: string | undefined;
  onChange: (networkId: string | undefined) => void;
}) {
  const t = useTranslations('workbench.create');
  const networks = offers.floatingNetworks;
  return (
    <Field label={t('floatingIp')} hint={networks.length === 0 ? t('floatingNone') : t('floatingHint')}>
      <Select
        value={value ?? ''}
        disabled={networks.length === 0}
        options={[
          { value: '', label: t('floatingOff') },
          ...networks.map(({ id, name }) => ({ value: id, label: t('floatingFrom', { name }) })),
        ]}
        onChange={(event) => onChange(event.target.value || undefined)}
      />
    </Field>
  );
}
