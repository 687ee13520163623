'use client';

import { Check, Copy } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { toast } from 'sonner';
import { IconButton } from './icon-button';
import { writeClipboard } from './write-clipboard';

/** Copies a text and says that it did. `label` names what is copied. */
export function CopyButton({
  text,
  label,
  size = 'sm',
}: {
  text: string;
  label?: string;
  size?: 'sm' | 'md';
}) {
  const t = useTranslations('ui');
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    if (await writeClipboard(text)) setCopied(true);
    else toast.error(t('copyFailed'));
  };
  return (
    <>
      <IconButton
        size={size}
        label={copied ? t('copied') : label === undefined ? t('copy') : t('copyNamed', { name: label })}
        icon={copied ? <Check className="text-success" /> : <Copy />}
        onClick={() => void copy()}
      />
      <output className="sr-only">{copied ? t('copied') : ''}</output>
    </>
  );
}
