'use client';

import { FileUp, FolderUp } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRef, type ReactNode } from 'react';
import { Button } from '../ui/button';

interface Props {
  onFiles: (files: File[]) => void;
  disabledReason: string | undefined;
}

/** Files and folders by the browser's own dialogs, for keyboard and touch. */
export function UploadButtons(props: Props) {
  const t = useTranslations('files');
  return (
    <>
      <Chooser {...props} variant="primary" icon={<FileUp />} label={t('uploadFiles')} />
      <Chooser {...props} folder icon={<FolderUp />} label={t('uploadFolder')} />
    </>
  );
}

interface ChooserProps extends Props {
  label: string;
  icon: ReactNode;
  variant?: 'primary' | 'secondary';
  folder?: boolean;
}

function Chooser({ onFiles, disabledReason, label, icon, variant, folder = false }: ChooserProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button
        icon={icon}
        {...(variant && { variant })}
        {...(disabledReason !== undefined && { disabledReason })}
        onClick={() => input.current?.click()}
      >
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        aria-label={label}
        {...(folder && { webkitdirectory: '' })}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          // The same file chosen again must be an event again.
          event.target.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </>
  );
}
