'use client';

import { useTranslations } from 'next-intl';
import { useId, useState } from 'react';
import { TextEditor } from '../containers/text-editor';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { CodeBlock } from '../ui/code-block';
import { yamlFault } from './yaml-fault';

/** YAML that goes over a chart's defaults, with the defaults to look at. */
export function ValuesEditor({
  value,
  onChange,
  defaults,
}: {
  value: string;
  onChange: (value: string) => void;
  defaults: string;
}) {
  const t = useTranslations('deploymentPages.values');
  const faultId = useId();
  const [shown, setShown] = useState(false);
  const fault = yamlFault(value);
  return (
    <Card
      title={t('title')}
      description={t('text')}
      actions={
        defaults !== '' && (
          <Button size="sm" aria-expanded={shown} onClick={() => setShown(!shown)}>
            {t(shown ? 'hideDefaults' : 'showDefaults')}
          </Button>
        )
      }
    >
      <div className={shown ? 'grid gap-4 xl:grid-cols-2' : ''}>
        <div className="flex min-w-0 flex-col gap-2">
          <TextEditor
            label={t('title')}
            value={value}
            onChange={onChange}
            marks={fault ? [{ line: fault.line, severity: 'error' }] : []}
            describedBy={faultId}
            low
          />
          <p id={faultId} aria-live="polite" className="text-danger text-sm empty:hidden">
            {fault &&
              (fault.message === undefined
                ? t('notMapping')
                : t('fault', { line: fault.line, message: fault.message }))}
          </p>
        </div>
        {shown && <CodeBlock text={defaults} label={t('defaults')} language="yaml" />}
      </div>
    </Card>
  );
}
