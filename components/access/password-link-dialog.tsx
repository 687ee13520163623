'use client';

import { useFormatter, useTranslations } from 'next-intl';
import { Button } from '../ui/button';
import { CodeBlock } from '../ui/code-block';
import { Dialog } from '../ui/dialog';

/** A one-time link just made. */
export interface ShownLink {
  user: { name: string; email: string };
  url: string;
  expiresAt: number;
}

/** Shows a one-time link, this once, to be copied and passed on. */
export function PasswordLinkDialog({ link, onClose }: { link: ShownLink | undefined; onClose: () => void }) {
  const t = useTranslations('access.users');
  const format = useFormatter();
  const when = link === undefined ? '' : format.dateTime(link.expiresAt, { dateStyle: 'long' });
  return (
    <Dialog
      open={link !== undefined}
      onOpenChange={onClose}
      locked
      title={t('linkTitle', { name: link?.user.name ?? '' })}
      description={t('linkText', { email: link?.user.email ?? '', when })}
      footer={
        <Button variant="primary" onClick={onClose}>
          {t('done')}
        </Button>
      }
    >
      <CodeBlock label={t('link')} text={link?.url ?? ''} wrap />
    </Dialog>
  );
}
