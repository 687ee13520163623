'use client';

import { ChevronRight } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { TemplateText } from './template-text';

/** The template that will be sent: in sight where there is room, behind a button on a phone. */
export function TemplateCard({ text, fileName }: { text: string; fileName: string }) {
  const t = useTranslations('deployments.new');
  const [open, setOpen] = useState(false);
  return (
    <Card title={t('template')} description={t('templateText')}>
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
