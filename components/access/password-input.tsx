'use client';

import { Eye, EyeOff } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState, type ComponentProps } from 'react';
import { IconButton } from '../ui/icon-button';
import { Input } from '../ui/input';

/** A password's input, which one may look into while typing. */
export function PasswordInput(props: ComponentProps<typeof Input>) {
  const t = useTranslations('access.fields');
  const [shown, setShown] = useState(false);
  return (
    <Input
      {...props}
      type={shown ? 'text' : 'password'}
      autoCapitalize="none"
      spellCheck={false}
      suffix={
        <IconButton
          size="sm"
          label={shown ? t('hidePassword') : t('showPassword')}
          icon={shown ? <EyeOff /> : <Eye />}
          pressed={shown}
          onClick={() => {
            setShown(!shown);
          }}
        />
      }
    />
  );
}
