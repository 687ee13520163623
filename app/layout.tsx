import { GeistMono } from 'geist/font/mono';
import { GeistSans } from 'geist/font/sans';
import type { Metadata, Viewport } from 'next';
import { NextIntlClientProvider } from 'next-intl';
import { getLocale } from 'next-intl/server';
import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { TrpcProvider } from '@/components/api/trpc-provider';
import { UploadProvider } from '@/components/files/upload-provider';
import { ActionsProvider } from '@/components/palette/actions';
import { ThemeProvider } from '@/components/theme/theme-provider';
import { Toaster } from '@/components/ui/toaster';
import { TooltipProvider } from '@/components/ui/tooltip';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Edgeyard', template: '%s · Edgeyard' },
  description: 'Build, publish and ship applications for the network edge.',
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1, viewportFit: 'cover' };

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [locale, sent] = await Promise.all([getLocale(), headers()]);
  return (
    <html
      lang={locale === 'zh' ? 'zh-CN' : locale}
      className={`${GeistSans.variable} ${GeistMono.variable}`}
      suppressHydrationWarning
    >
      <body className="font-sans antialiased">
        <NextIntlClientProvider>
          <ThemeProvider nonce={sent.get('x-nonce') ?? undefined}>
            <TrpcProvider>
              <TooltipProvider>
                <ActionsProvider>
                  <UploadProvider>{children}</UploadProvider>
                </ActionsProvider>
              </TooltipProvider>
            </TrpcProvider>
            <Toaster />
          </ThemeProvider>
        </NextIntlClientProvider>
      </body>
    </html>
  );
}
