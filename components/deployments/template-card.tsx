'use client';

import { ChevronRight } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { TemplateText } from './template-text';

/**
 * A deployment's template: in sight where there is room, behind a button on a phone.
 *
 * @param sent whether it was sent already
 */
export function TemplateCard({
  text,
  fileName,
  sent = false,
}: {
  text: string;
  fileName: string;
  sent?: boolean;
}) {
  const t = useTranslations('deployments.new');
  const [open, setOpen] = useState(false);
  return (
    <Card title={t(sent ? 'templateSent' : 'template')} {...(!sent && { description: t('templateText') })}>
      <Button
        size="sm"
        className="sm:hidden"
        aria-expanded={open}
        icon={<ChevronRight className={open ? 'rotate-90' : ''} />}
        onClick={() => setOpen(!open)}
      >
        {t('showTemplate')}
      </Button>
      <div className={open ? 'max-sm:mt-3' : 'max-sm:hidden'}>
        <TemplateText text={text} fileName={fileName} />
      </div>
    </Card>
  );
}
