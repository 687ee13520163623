import { readdirSync, readFileSync } from 'node:fs';
import { createTranslator, IntlErrorCode } from 'next-intl';
import { describe, expect, it } from 'vitest';
import { locales, pickLocale } from './locales';
import { messagesOf } from './messages';

// Texts that are the same in every language: names, formats, units.
const sameInAllLanguages = /^[\s\p{P}\p{S}\p{N}]*$|\{[^}]*\}|https?:|^[A-Za-z0-9.+/# -]{1,40}$/u;

describe('messages', () => {
  it('loads every file in messages/', () => {
    for (const locale of locales) {
      const files = readdirSync(`messages/${locale}`).map((name) =>
        name.replace('.json', '').replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
      );
      expect(Object.keys(messagesOf(locale)).toSorted()).toEqual(files.toSorted());
    }
  });

  it('has the same keys in every language', () => {
    expect(keysOf('zh')).toEqual(keysOf('en'));
  });

  it.each(locales)('has no empty text and parses (%s)', (locale) => {
    const broken: string[] = [];
    const translate = createTranslator({
      locale,
      messages: messagesOf(locale) as never,
      onError: (error) => {
        // A placeholder without a value is expected here: only the syntax is under test.
        if (error.code === IntlErrorCode.INVALID_MESSAGE) broken.push(error.message);
      },
      getMessageFallback: () => '',
    });
    for (const [key, text] of flatten(messagesOf(locale))) {
      if (text.trim() === '') broken.push(`${key} is empty`);
      translate.raw(key as never);
      translate(key as never);
    }
    expect(broken).toEqual([]);
  });

  it('is Chinese in zh', () => {
    const left = flatten(messagesOf('zh')).filter(
      ([, text]) => !/\p{Script=Han}/u.test(text) && !sameInAllLanguages.test(text),
    );
    expect(left).toEqual([]);
  });

  it('keeps the placeholders of every text', () => {
    const en = new Map(flatten(messagesOf('en')));
    const different = flatten(messagesOf('zh')).filter(
      ([key, text]) => placeholders(text).join() !== placeholders(en.get(key) ?? '').join(),
    );
    expect(different).toEqual([]);
  });

  it('is written as JSON that prettier leaves alone', () => {
    for (const locale of locales)
      for (const name of readdirSync(`messages/${locale}`))
        expect(() => JSON.parse(readFileSync(`messages/${locale}/${name}`, 'utf8')) as unknown).not.toThrow();
  });
});

describe('pickLocale', () => {
  it.each([
    ['zh', null, 'zh'],
    ['xx', 'zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    [undefined, 'fr, en;q=0.5', 'en'],
    [undefined, 'fr;q=0.9, zh-TW;q=0.5, en;q=0', 'zh'],
    [undefined, undefined, 'en'],
  ])('cookie %s, header %s: %s', (cookie, header, expected) => {
    expect(pickLocale(cookie, header)).toBe(expected);
  });
});

function keysOf(locale: (typeof locales)[number]): string[] {
  return flatten(messagesOf(locale))
    .map(([key]) => key)
    .toSorted();
}

function flatten(tree: Record<string, unknown>, prefix = ''): [string, string][] {
  return Object.entries(tree).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string'
      ? [[`${prefix}${name}`, value]]
      : flatten(value as Record<string, unknown>, `${prefix}${name}.`),
  );
}

function placeholders(text: string): string[] {
  // The branches of a plural or select are texts, not placeholders; those inside them count.
  const flat = text
    .replaceAll(
      /\{\s*(\w+)\s*,\s*select\s*,((?:\s*\w+\s*\{(?:[^{}]|\{[^{}]*\})*\})+)\s*\}/g,
      (_, name: string, branches: string) =>
        `{${name}} ${branches.replaceAll(/\w+\s*\{((?:[^{}]|\{[^{}]*\})*)\}/g, ' $1 ')}`,
    )
    .replaceAll(/(?<=[,}]\s*)(?:=\d+|zero|one|two|few|many|other)\s*\{((?:[^{}]|\{[^{}]*\})*)\}/g, ' $1 ');
  return [...new Set([...flat.matchAll(/\{\s*(\w+)\s*[,}]/g)].map((match) => match[1] ?? ''))].toSorted();
}
