'use client';

import { Globe, Plus, ShieldCheck, Trash2, Unplug } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { NetworkKind, NetworkOffer, PortForward } from '@/server/sites/site';
import { useTextOf } from '../i18n/use-text-of';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { IconButton } from '../ui/icon-button';
import { Input } from '../ui/input';
import { RadioCards } from '../ui/radio-cards';
import { Select } from '../ui/select';

const icons: Record<NetworkKind, ReactNode> = {
  none: <Unplug />,
  isolated: <ShieldCheck />,
  nat: <Globe />,
  provider: <Globe />,
};

interface NetworkValue {
  id: string;
  forwards: PortForward[];
}

/** Chooses a VM's network, and the guest's ports that are reachable from outside. */
export function NetworkPicker({
  networks,
  value,
  error,
  onChange,
}: {
  networks: readonly NetworkOffer[];
  value: NetworkValue;
  error: string | undefined;
  onChange: (network: NetworkValue) => void;
}) {
  const t = useTranslations('workbench.create');
  const textOf = useTextOf('sites.networks');
  const chosen = networks.find(({ id }) => id === value.id);
  return (
    <div className="flex flex-col gap-5">
      <RadioCards
        label={t('network')}
        hideLabel
        name="network"
        value={value.id}
        onValueChange={(id) => {
          const forwards = networks.find((each) => each.id === id)?.forwards === true;
          onChange({ id, forwards: forwards ? value.forwards : [] });
        }}
        error={error}
        options={networks.map((network) => ({
          value: network.id,
          // A provider's network has the name its site gave it.
          title: network.kind === 'provider' ? network.name : t(`networkKinds.${network.kind}`),
          icon: icons[network.kind],
          description: textOf(network.id),
        }))}
      />
      {chosen?.forwards === true && (
        <Forwards forwards={value.forwards} onChange={(forwards) => onChange({ id: value.id, forwards })} />
      )}
    </div>
  );
}

function Forwards({
  forwards,
  onChange,
}: {
  forwards: PortForward[];
  onChange: (forwards: PortForward[]) => void;
}) {
  const t = useTranslations('workbench.create');
  const change = (index: number, part: Partial<PortForward>) =>
    onChange(forwards.map((each, i) => (i === index ? { ...each, ...part } : each)));
  const portError = (port: number, least: number) =>
    Number.isInteger(port) && port >= least && port <= 65_535 ? undefined : t('portRule', { least });
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="font-medium">{t('forwards')}</legend>
      <p className="text-text-muted text-sm">{t('forwardsText')}</p>
      {forwards.map((forward, index) => (
        // Rows have no identity of their own but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <div
          key={index}
          className="grid grid-cols-[1fr_1fr_auto] items-start gap-3 sm:grid-cols-[7rem_1fr_1fr_auto]"
        >
          <Field label={t('protocol')} className="col-span-3 sm:col-span-1">
            <Select
              value={forward.protocol}
              options={[
                { value: 'tcp', label: 'TCP' },
                { value: 'udp', label: 'UDP' },
              ]}
              onChange={(event) => change(index, { protocol: event.target.value === 'udp' ? 'udp' : 'tcp' })}
            />
          </Field>
          <Field label={t('guestPort')} error={portError(forward.guestPort, 1)}>
            <PortInput value={forward.guestPort} onChange={(guestPort) => change(index, { guestPort })} />
          </Field>
          <Field label={t('hostPort')} error={portError(forward.hostPort, 0)} hint={t('hostPortHint')}>
            <PortInput value={forward.hostPort} onChange={(hostPort) => change(index, { hostPort })} />
          </Field>
          <span className="pt-7">
            <IconButton
              label={t('removeForward', { port: forward.guestPort || 0 })}
              icon={<Trash2 />}
              onClick={() => onChange(forwards.filter((_, i) => i !== index))}
            />
          </span>
        </div>
      ))}
      <div>
        <Button
          icon={<Plus />}
          onClick={() => onChange([...forwards, { protocol: 'tcp', guestPort: 80, hostPort: 0 }])}
          {...(forwards.length >= 32 ? { disabledReason: t('forwardsFull') } : {})}
        >
          {t('addForward')}
        </Button>
      </div>
    </fieldset>
  );
}

function PortInput({ value, onChange, ...rest }: { value: number; onChange: (port: number) => void }) {
  return (
    <Input
      {...rest}
      type="number"
      inputMode="numeric"
      min={0}
      max={65_535}
      value={Number.isNaN(value) ? '' : value}
      onChange={(event) => onChange(event.target.valueAsNumber)}
    />
  );
}
