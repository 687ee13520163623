'use client';

import { Cpu, SlidersHorizontal } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { FlavorChoice, GuestImage, SiteOffers } from '@/server/sites/site';
import { useTextOf } from '../i18n/use-text-of';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { RadioCards } from '../ui/radio-cards';

const custom = 'custom';

/** Chooses the size of a VM: one of the site's, or one's own numbers. */
export function FlavorPicker({
  offers,
  image,
  value,
  error,
  onChange,
}: {
  offers: Pick<SiteOffers, 'flavors' | 'customFlavor'>;
  image: GuestImage | undefined;
  value: FlavorChoice;
  error: string | undefined;
  onChange: (flavor: FlavorChoice) => void;
}) {
  const t = useTranslations('workbench');
  const nameOf = useTextOf('sites.flavors');
  const own = 'id' in value ? undefined : value;
  const start = offers.flavors[0] ?? { vcpus: 1, memoryMiB: 512, diskGiB: 2 };

  const choose = (id: string) => {
    if (id !== custom) return onChange({ id });
    const last = offers.flavors.find((flavor) => 'id' in value && flavor.id === value.id) ?? start;
    onChange({ vcpus: last.vcpus, memoryMiB: last.memoryMiB, diskGiB: last.diskGiB });
  };
  const tooSmall = (size: { memoryMiB: number; diskGiB: number }) =>
    image !== undefined && (size.memoryMiB < image.minMemoryMiB || size.diskGiB < image.minDiskGiB)
      ? t('create.tooSmall', { image: image.name })
      : undefined;
  const most = offers.customFlavor?.maxVcpus ?? Infinity;
  const tooLarge = ({ vcpus }: { vcpus: number }) =>
    vcpus > most ? t('create.tooLarge', { most }) : undefined;

  return (
    <div className="flex flex-col gap-4">
      <RadioCards
        label={t('create.flavor')}
        hideLabel
        name="flavor"
        value={own ? custom : 'id' in value ? value.id : undefined}
        onValueChange={choose}
        error={error}
        options={[
          ...offers.flavors.map((flavor) => ({
            value: flavor.id,
            title: nameOf(flavor.id) ?? flavor.name,
            icon: <Cpu />,
            description: t('vm.sizeWords', {
              vcpus: flavor.vcpus,
              memory: flavor.memoryMiB,
              disk: flavor.diskGiB,
            }),
            disabledReason: tooSmall(flavor) ?? tooLarge(flavor),
          })),
          ...(offers.customFlavor
            ? [
                {
                  value: custom,
                  title: t('create.custom'),
                  icon: <SlidersHorizontal />,
                  description: t('create.customText'),
                },
              ]
            : []),
        ]}
      />
      {own && offers.customFlavor && (
        <OwnNumbers value={own} limits={offers.customFlavor} onChange={onChange} />
      )}
    </div>
  );
}

type Numbers = Extract<FlavorChoice, { vcpus: number }>;

function OwnNumbers({
  value,
  limits,
  onChange,
}: {
  value: Numbers;
  limits: NonNullable<SiteOffers['customFlavor']>;
  onChange: (flavor: FlavorChoice) => void;
}) {
  const t = useTranslations('workbench.create');
  const field = (name: keyof Numbers, max: number, unit: string, least = 1) => {
    const number = value[name];
    const wrong = !Number.isInteger(number) || number < least || number > max;
    return (
      <Field
        label={t(`custom_${name}`)}
        hint={t('range', { least, most: max })}
        error={wrong ? t('rangeError', { least, most: max }) : undefined}
      >
        <Input
          type="number"
          inputMode="numeric"
          min={least}
          max={max}
          step={1}
          suffix={unit}
          value={Number.isNaN(number) ? '' : number}
          onChange={(event) => onChange({ ...value, [name]: event.target.valueAsNumber })}
        />
      </Field>
    );
  };
  return (
    <div className="grid gap-4 sm:grid-cols-3">
      {field('vcpus', limits.maxVcpus, 'vCPU')}
      {field('memoryMiB', limits.maxMemoryMiB, 'MiB', 16)}
      {field('diskGiB', limits.maxDiskGiB, 'GiB')}
    </div>
  );
}
