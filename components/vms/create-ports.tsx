'use client';

import { Plus, X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { OpenPort } from '@/server/sites/site';
import { Button } from '../ui/button';
import { Checkbox } from '../ui/checkbox';
import { Field } from '../ui/field';
import { IconButton } from '../ui/icon-button';
import { Input } from '../ui/input';
import { Notice } from '../ui/notice';
import { Select } from '../ui/select';

const presets = [
  { name: 'ssh', port: { protocol: 'tcp', port: 22 } },
  { name: 'http', port: { protocol: 'tcp', port: 80 } },
  { name: 'https', port: { protocol: 'tcp', port: 443 } },
  { name: 'ping', port: { protocol: 'icmp' } },
] as const satisfies { name: string; port: OpenPort }[];
/** As many as the API takes. */
const most = 64;

const same = (a: OpenPort, b: OpenPort) => a.protocol === b.protocol && a.port === b.port;
/** A port as people write it: `tcp/22`. */
export function portName({ protocol, port }: OpenPort): string {
  return port === undefined ? protocol : `${protocol}/${port}`;
}

/** Which of the guest's ports others may reach: they become the rules of the VM's own security group. */
export function OpenPorts({
  ports,
  onChange,
}: {
  ports: readonly OpenPort[];
  onChange: (ports: OpenPort[]) => void;
}) {
  const t = useTranslations('workbench.create');
  const has = (port: OpenPort) => ports.some((each) => same(each, port));
  const toggle = (port: OpenPort) =>
    onChange(has(port) ? ports.filter((each) => !same(each, port)) : [...ports, port]);
  const others = ports.filter((port) => !presets.some((preset) => same(preset.port, port)));
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="font-medium">{t('openPorts')}</legend>
      <p className="text-text-muted text-sm">{t('openPortsText')}</p>
      <div className="grid gap-2 sm:grid-cols-2">
        {presets.map(({ name, port }) => (
          <Checkbox key={name} label={t(`ports.${name}`)} checked={has(port)} onChange={() => toggle(port)} />
        ))}
      </div>
      {others.length > 0 && (
        <ul aria-label={t('otherPorts')} className="flex flex-wrap gap-2">
          {others.map((port) => (
            <li
              key={portName(port)}
              className="border-border bg-surface-sunken tabular flex items-center gap-1 rounded-md border pl-2.5 font-mono text-sm"
            >
              {portName(port)}
              <IconButton
                size="sm"
                label={t('closePort', { port: portName(port) })}
                icon={<X />}
                onClick={() => toggle(port)}
              />
            </li>
          ))}
        </ul>
      )}
      <AddPort
        refusal={(port) =>
          has(port) ? t('portThere') : ports.length >= most ? t('portsFull', { most }) : undefined
        }
        onAdd={(port) => onChange([...ports, port])}
      />
      {!has({ protocol: 'tcp', port: 22 }) && <Notice tone="warning">{t('noSshPort')}</Notice>}
    </fieldset>
  );
}

function AddPort({
  refusal,
  onAdd,
}: {
  refusal: (port: OpenPort) => string | undefined;
  onAdd: (port: OpenPort) => void;
}) {
  const t = useTranslations('workbench.create');
  const [protocol, setProtocol] = useState<'tcp' | 'udp'>('tcp');
  const [text, setText] = useState('');
  const number = Number(text);
  const valid = /^\d+$/.test(text) && number >= 1 && number <= 65_535;
  const reason = valid ? refusal({ protocol, port: number }) : t('portRule', { least: 1 });
  const add = () => {
    if (reason !== undefined) return;
    onAdd({ protocol, port: number });
    setText('');
  };
  return (
    <div className="flex flex-wrap items-end gap-3">
      <Field label={t('protocol')} className="w-28">
        <Select
          value={protocol}
          options={[
            { value: 'tcp', label: 'TCP' },
            { value: 'udp', label: 'UDP' },
          ]}
          onChange={(event) => setProtocol(event.target.value === 'udp' ? 'udp' : 'tcp')}
        />
      </Field>
      <Field label={t('guestPort')} className="w-32">
        <Input
          inputMode="numeric"
          autoComplete="off"
          value={text}
          invalid={text !== '' && !valid}
          onChange={(event) => setText(event.target.value.trim())}
          onKeyDown={(event) => {
            // Enter here means this port, not the whole form.
            if (event.key !== 'Enter') return;
            event.preventDefault();
            add();
          }}
        />
      </Field>
      <Button icon={<Plus />} onClick={add} {...(reason === undefined ? {} : { disabledReason: reason })}>
        {t('openPort')}
      </Button>
    </div>
  );
}
