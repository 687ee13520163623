'use client';

import { Download } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { Button } from '../ui/button';
import { CodeBlock } from '../ui/code-block';

/**
 * A template to read, to copy, and to keep as a file.
 *
 * @param fileName of the download, without its ending
 */
export function TemplateText({ text, fileName }: { text: string; fileName: string }) {
  const t = useTranslations('deployments.new');
  return (
    <div className="flex flex-col gap-3">
      <CodeBlock text={text} label={`${fileName}.yaml`} language="yaml" />
      <div>
        <Button size="sm" icon={<Download />} onClick={() => save(text, `${fileName}.yaml`)}>
          {t('download')}
        </Button>
      </div>
    </div>
  );
}

function save(text: string, fileName: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(link.href);
}
