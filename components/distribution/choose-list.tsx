'use client';

import { useTranslations } from 'next-intl';
import { useDeferredValue, useId, useMemo, useState, type ReactNode } from 'react';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { classNames } from '../ui/class-names';
import { SearchInput } from '../ui/input';

export interface Choice {
  id: string;
  title: string;
  /** Beside the title, quieter. */
  note?: ReactNode;
  /** At the right end. */
  aside?: ReactNode;
  /** What it is found by beside its title. */
  words: string;
  disabledReason?: string | undefined;
}

/** Chooses some of many: found by words, taken one by one or all that are shown. */
export function ChooseList({
  title,
  searchLabel,
  choices,
  selected,
  onChange,
  filter,
  empty,
}: {
  title: string;
  searchLabel: string;
  choices: readonly Choice[];
  selected: ReadonlySet<string>;
  onChange: (selected: Set<string>) => void;
  /** Beside the search. */
  filter?: ReactNode;
  /** Said when there is nothing to choose from. */
  empty: ReactNode;
}) {
  const t = useTranslations('distributionPages.choose');
  const [words, setWords] = useState('');
  const search = useDeferredValue(words.trim().toLocaleLowerCase());
  const shown = useMemo(
    () =>
      choices.filter((choice) =>
        search
          .split(/\s+/)
          .every((word) => `${choice.title} ${choice.words}`.toLocaleLowerCase().includes(word)),
      ),
    [choices, search],
  );
  const free = shown.filter(({ disabledReason }) => disabledReason === undefined);
  const all = free.length > 0 && free.every(({ id }) => selected.has(id));
  const toggleShown = () => {
    const next = new Set(selected);
    for (const { id } of free) {
      if (all) next.delete(id);
      else next.add(id);
    }
    onChange(next);
  };
  return (
    <Card
      title={title}
      description={t('count', { count: selected.size })}
      padded={false}
      actions={
        choices.length > 0 && (
          <Button
            size="sm"
            variant="ghost"
            onClick={toggleShown}
            {...(free.length === 0 && { disabledReason: t('nothingShown') })}
          >
            {all ? t('none', { count: free.length }) : t('all', { count: free.length })}
          </Button>
        )
      }
    >
      {choices.length === 0 ? (
        empty
      ) : (
        <>
          <div className="border-border flex flex-wrap gap-2 border-b px-5 py-3">
            <SearchInput
              value={words}
              onValueChange={setWords}
              label={searchLabel}
              placeholder={searchLabel}
              className="min-w-40 flex-1"
            />
            {filter}
          </div>
          {shown.length === 0 ? (
            <p className="text-text-muted px-5 py-8 text-center">{t('nothingFound')}</p>
          ) : (
            <ul
              aria-label={title}
              // Where nothing in it takes the focus, keys scroll the list itself.
              tabIndex={free.length === 0 ? 0 : undefined}
              className="divide-border max-h-80 divide-y overflow-y-auto"
            >
              {shown.map((choice) => (
                <ChoiceRow
                  key={choice.id}
                  choice={choice}
                  checked={selected.has(choice.id)}
                  onToggle={() => {
                    const next = new Set(selected);
                    if (!next.delete(choice.id)) next.add(choice.id);
                    onChange(next);
                  }}
                />
              ))}
            </ul>
          )}
        </>
      )}
    </Card>
  );
}

function ChoiceRow({
  choice,
  checked,
  onToggle,
}: {
  choice: Choice;
  checked: boolean;
  onToggle: () => void;
}) {
  const id = useId();
  const { title, note, aside, disabledReason } = choice;
  const disabled = disabledReason !== undefined;
  return (
    <li
      className={classNames(
        'relative flex items-center gap-3 px-5 py-2',
        checked ? 'bg-selected' : !disabled && 'hover:bg-hover/60',
      )}
    >
      <input
        id={id}
        type="checkbox"
        className="check-box relative z-10"
        checked={checked}
        disabled={disabled}
        aria-describedby={disabled ? `${id}-why` : undefined}
        onChange={onToggle}
      />
      <span className="min-w-0 flex-1">
        {/* The whole row is its label's. */}
        <label
          htmlFor={id}
          className={classNames(
            'font-medium break-words',
            !disabled && 'cursor-pointer after:absolute after:inset-0',
          )}
        >
          {title}
        </label>
        {note !== undefined && <span className="text-text-muted ml-2 text-[0.8125rem]">{note}</span>}
        {disabled && (
          <span id={`${id}-why`} className="text-text-muted block text-[0.8125rem]">
            {disabledReason}
          </span>
        )}
      </span>
      {aside}
    </li>
  );
}
