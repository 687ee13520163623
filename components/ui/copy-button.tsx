'use client';

import { Check, Copy } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { toast } from 'sonner';
import { IconButton } from './icon-button';

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

/** The clipboard API exists on HTTPS and localhost only; on a plain-HTTP address the old command still works. */
async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.style.position = 'fixed';
    area.style.opacity = '0';
    // Inside an open dialog focus may not leave it, so the helper element stands beside the button.
    (document.activeElement?.parentElement ?? document.body).append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}
