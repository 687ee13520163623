'use client';

import { Plus, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { FurtherNetwork, NetworkOffer } from '@/server/sites/site';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { IconButton } from '../ui/icon-button';
import { Input } from '../ui/input';
import { Notice } from '../ui/notice';
import { Select } from '../ui/select';
import { isAddress, liesIn } from './address-range';

/** As many cards as the API takes: the first one and eight more. */
const most = 9;

/**
 * The network cards of a VM on a cloud, in order: each with its network, and an address of one's own or any.
 *
 * @param cards the first is the one that the default route and SSH go by
 */
export function CloudNetworks({
  networks,
  cards,
  onChange,
}: {
  networks: readonly NetworkOffer[];
  cards: readonly FurtherNetwork[];
  onChange: (cards: FurtherNetwork[]) => void;
}) {
  const t = useTranslations('workbench.create');
  const unused = networks.filter(({ id, kind }) => kind !== 'none' && cards.every((card) => card.id !== id));
  const alone = networks.some(({ id, kind }) => id === cards[0]?.id && kind === 'none');
  const change = (index: number, card: FurtherNetwork) =>
    onChange(cards.map((each, i) => (i === index ? card : each)));
  if (networks.length === 0) {
    return (
      <Notice tone="warning" title={t('noNetworks')}>
        {t('noNetworksText')}
      </Notice>
    );
  }
  const full = alone
    ? t('networksAlone')
    : cards.length >= most
      ? t('networksFull', { most })
      : unused.length === 0
        ? t('networksUsed')
        : undefined;
  return (
    <fieldset className="flex flex-col gap-4">
      <legend className="sr-only">{t('network')}</legend>
      {cards.map((card, index) => (
        <CardRow
          // A network is on a VM once, so its id names the row.
          key={card.id}
          number={index + 1}
          card={card}
          // Having no network at all is a choice for the only card there is.
          choices={networks.filter(
            ({ id, kind }) =>
              id === card.id ||
              unused.some((each) => each.id === id) ||
              (kind === 'none' && cards.length === 1),
          )}
          onChange={(next) => change(index, next)}
          onRemove={index === 0 ? undefined : () => onChange(cards.filter((_, i) => i !== index))}
        />
      ))}
      <div>
        <Button
          icon={<Plus />}
          onClick={() => unused[0] && onChange([...cards, { id: unused[0].id }])}
          {...(full === undefined ? {} : { disabledReason: full })}
        >
          {t('addNetwork')}
        </Button>
      </div>
    </fieldset>
  );
}

function CardRow({
  number,
  card,
  choices,
  onChange,
  onRemove,
}: {
  number: number;
  card: FurtherNetwork;
  choices: readonly NetworkOffer[];
  onChange: (card: FurtherNetwork) => void;
  onRemove: (() => void) | undefined;
}) {
  const t = useTranslations('workbench.create');
  const chosen = choices.find(({ id }) => id === card.id);
  const ranges = chosen?.ranges ?? [];
  const wrong =
    card.address === undefined
      ? undefined
      : !isAddress(card.address)
        ? t('addressRule')
        : liesIn(card.address, ranges)
          ? undefined
          : t('addressOutside', { ranges: ranges.join(', ') });
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-3 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]">
      <Field label={t('networkNumber', { number })} className="col-span-2 sm:col-span-1">
        <Select
          value={card.id}
          options={choices.map(({ id, name, kind }) => ({
            value: id,
            label: kind === 'none' ? t('networkKinds.none') : t(`cloudKinds.${kind}`, { name }),
          }))}
          onChange={(event) => onChange({ id: event.target.value })}
        />
      </Field>
      {chosen?.kind !== 'none' && (
        <Field
          label={t('address')}
          hint={
            <span className="tabular">
              {ranges.length > 0 ? t('addressHint', { ranges: ranges.join(', ') }) : t('addressAny')}
            </span>
          }
          error={wrong}
          optional
        >
          <Input
            mono
            autoComplete="off"
            spellCheck={false}
            placeholder={t('addressAutomatic')}
            value={card.address ?? ''}
            onChange={(event) => {
              const address = event.target.value.trim();
              onChange({ id: card.id, ...(address === '' ? {} : { address }) });
            }}
          />
        </Field>
      )}
      <span className="min-w-8 pt-7">
        {onRemove && (
          <IconButton label={t('removeNetwork', { number })} icon={<Trash2 />} onClick={onRemove} />
        )}
      </span>
    </div>
  );
}
