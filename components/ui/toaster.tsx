'use client';

import { useTheme } from 'next-themes';
import { useTranslations } from 'next-intl';
import { Toaster as Sonner } from 'sonner';

/** Once, in the root layout. Short news only: what must not be missed belongs on the page. */
export function Toaster() {
  const t = useTranslations('ui');
  const { resolvedTheme } = useTheme();
  return (
    <Sonner
      theme={resolvedTheme === 'dark' ? 'dark' : 'light'}
      // The corner at the right belongs to the uploads and to the buttons of a drawer.
      position="bottom-center"
      // Above the navigation bar at a phone's lower edge.
      mobileOffset={{ bottom: 'calc(4.75rem + env(safe-area-inset-bottom))' }}
      containerAriaLabel={t('notifications')}
      closeButton
      toastOptions={{
        closeButtonAriaLabel: t('close'),
        classNames: {
          toast:
            '!bg-surface-raised !text-text !border-border !shadow-overlay !rounded-lg !font-sans !text-sm',
          description: '!text-text-muted',
          actionButton: '!bg-accent !text-accent-contrast !rounded-md !font-medium',
          closeButton: '!bg-surface-raised !text-text-muted !border-border',
          success: '[&_[data-icon]]:text-success',
          error: '[&_[data-icon]]:text-danger',
          warning: '[&_[data-icon]]:text-warning',
          info: '[&_[data-icon]]:text-info',
        },
      }}
    />
  );
}
