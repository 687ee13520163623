'use client';

import type RFB from '@novnc/novnc';
import { AppWindow, Camera, Eye, Expand, ImageUpscale, Keyboard, Maximize, Minimize } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState, type ReactNode } from 'react';
import { Button } from '../ui/button';
import { DropdownMenu } from '../ui/dropdown-menu';
import { IconButton } from '../ui/icon-button';
import { keyChords } from './key-chords';
import { pressTogether } from './release-keys';
import { TypeTextDialog } from './type-text-dialog';
import type { FullScreen } from './use-full-screen';

/** How the picture is put on the page: scaled to it, or pixel by pixel. */
export type Zoom = 'fit' | 'actual';

interface Props {
  vmId: string;
  vmName: string;
  rfb: RFB | undefined;
  zoom: Zoom;
  onZoom: (zoom: Zoom) => void;
  viewOnly: boolean;
  onViewOnly: (on: boolean) => void;
  fullScreen: FullScreen;
  ownWindow: boolean;
  power: ReactNode;
}

/** Everything about the console that is not the picture itself. */
export function ConsoleToolbar(props: Props) {
  const { vmId, vmName, rfb, zoom, onZoom, viewOnly, onViewOnly, fullScreen, ownWindow, power } = props;
  const t = useTranslations('console');
  const [typing, setTyping] = useState(false);
  const notConnected = rfb ? undefined : t('notConnected');
  const noKeys = notConnected ?? (viewOnly ? t('viewOnlyOn') : undefined);
  return (
    <div
      role="toolbar"
      aria-label={t('toolbar')}
      className="border-border flex flex-wrap items-center gap-1 border-b px-2 py-1.5"
    >
      {power}
      {power === undefined ? null : <span aria-hidden className="bg-border mx-1 h-5 w-px" />}
      <KeysMenu rfb={rfb} disabledReason={noKeys} />
      <Button
        size="sm"
        variant="ghost"
        icon={<Keyboard />}
        {...(noKeys === undefined ? {} : { disabledReason: noKeys })}
        onClick={() => {
          setTyping(true);
        }}
      >
        {t('typeText.button')}
      </Button>
      <span className="ml-auto flex items-center gap-1">
        <IconButton
          size="sm"
          label={t('viewOnly')}
          icon={<Eye />}
          pressed={viewOnly}
          onClick={() => {
            onViewOnly(!viewOnly);
          }}
        />
        <IconButton
          size="sm"
          label={zoom === 'fit' ? t('zoom.actual') : t('zoom.fit')}
          icon={zoom === 'fit' ? <ImageUpscale /> : <Expand />}
          onClick={() => {
            onZoom(zoom === 'fit' ? 'actual' : 'fit');
          }}
        />
        <IconButton
          size="sm"
          label={t('screenshot')}
          icon={<Camera />}
          {...(notConnected === undefined ? {} : { disabledReason: notConnected })}
          onClick={() => {
            if (rfb) savePicture(rfb, vmName);
          }}
        />
        {ownWindow ? null : (
          <IconButton
            size="sm"
            label={t('ownWindow')}
            icon={<AppWindow />}
            onClick={() => {
              window.open(
                `/console/${encodeURIComponent(vmId)}`,
                `console-${vmId}`,
                'popup,width=1100,height=860',
              );
            }}
          />
        )}
        {fullScreen.possible ? (
          <IconButton
            size="sm"
            label={fullScreen.on ? t('fullScreen.leave') : t('fullScreen.enter')}
            icon={fullScreen.on ? <Minimize /> : <Maximize />}
            onClick={fullScreen.toggle}
          />
        ) : null}
      </span>
      {rfb ? (
        <TypeTextDialog
          open={typing}
          onOpenChange={setTyping}
          keyboard={rfb}
          onDone={() => {
            rfb.focus();
          }}
        />
      ) : null}
    </div>
  );
}

function KeysMenu({ rfb, disabledReason }: { rfb: RFB | undefined; disabledReason: string | undefined }) {
  const t = useTranslations('console');
  if (!rfb || disabledReason !== undefined)
    return (
      <Button size="sm" variant="ghost" disabledReason={disabledReason ?? t('notConnected')}>
        {t('keys')}
      </Button>
    );
  return (
    <>
      <Button
        size="sm"
        variant="ghost"
        onClick={() => {
          rfb.sendCtrlAltDel();
          rfb.focus();
        }}
      >
        Ctrl-Alt-Del
      </Button>
      <DropdownMenu
        align="start"
        label={t('keys')}
        trigger={
          <Button size="sm" variant="ghost">
            {t('keys')}
          </Button>
        }
        items={keyChords.map((chord) => ({
          label: chord.label,
          onSelect: () => {
            pressTogether(rfb, chord.keys);
            rfb.focus();
          },
        }))}
      />
    </>
  );
}

function savePicture(rfb: RFB, name: string): void {
  rfb.toBlob((blob) => {
    if (!blob) return;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = `${name}.png`;
    link.click();
    URL.revokeObjectURL(link.href);
  }, 'image/png');
}
