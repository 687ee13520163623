'use client';

import { useTranslations } from 'next-intl';
import {
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  type ReactNode,
  type RefObject,
} from 'react';
import { gate, type VmState } from '@/server/workbench/vm-gates';
import { useTRPCClient } from '../api/trpc-provider';
import { ConsoleStatus } from './console-status';
import { ConsoleToolbar, type Zoom } from './console-toolbar';
import { releaseKeys } from './release-keys';
import { TouchKeys } from './touch-keys';
import { useConsole } from './use-console';
import { useFullScreen } from './use-full-screen';

export interface VmConsoleProps {
  vmId: string;
  vmName: string;
  state: VmState;
  /** Power buttons, shown beside the console's own. */
  power?: ReactNode;
  /** Fills the window instead of a part of a page. */
  ownWindow?: boolean;
}

/** The screen of a VM, with its keyboard and mouse. */
export function VmConsole({ vmId, vmName, state, power, ownWindow = false }: VmConsoleProps) {
  const t = useTranslations('console');
  const client = useTRPCClient();
  const frame = useRef<HTMLDivElement>(null);
  const screen = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const hintId = useId();
  const [zoom, setZoom] = useState<Zoom>('fit');
  const [viewOnly, setViewOnly] = useState(false);
  const available = gate('console', state).allowed;

  const door = useMemo(
    () => ({
      path: async () => (await client.console.ticket.mutate({ vmId })).path,
      refusal: () => client.console.refusal.query({ vmId }),
    }),
    [client, vmId],
  );
  const { state: connection, rfb, retryNow } = useConsole(screen, available, door);

  useEffect(() => {
    if (!rfb) return;
    rfb.background = 'transparent';
    rfb.scaleViewport = zoom === 'fit';
    rfb.clipViewport = zoom === 'actual';
    rfb.dragViewport = false;
    rfb.viewOnly = viewOnly;
  }, [rfb, zoom, viewOnly]);

  const leave = useCallback(() => {
    if (rfb) releaseKeys(rfb);
    stage.current?.focus();
  }, [rfb]);
  useLeaveChord(frame, leave);
  const fullScreen = useFullScreen(frame);

  return (
    <div
      ref={frame}
      className={`border-border bg-surface flex flex-col overflow-hidden ${ownWindow || fullScreen.on ? 'h-dvh' : 'rounded-lg border'}`}
    >
      <ConsoleToolbar
        vmId={vmId}
        vmName={vmName}
        rfb={rfb}
        zoom={zoom}
        onZoom={setZoom}
        viewOnly={viewOnly}
        onViewOnly={setViewOnly}
        fullScreen={fullScreen}
        ownWindow={ownWindow}
        power={power}
      />
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- an application takes keys (ARIA 1.2) */}
      <div
        ref={stage}
        // noVNC takes its canvas out of the tab order, so the stage around it is the stop: Enter goes in.
        tabIndex={0}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.target !== event.currentTarget) return;
          event.preventDefault();
          rfb?.focus();
        }}
        data-takes-keys
        aria-label={t('screenOf', { name: vmName })}
        aria-describedby={hintId}
        role="application"
        className={`bg-terminal relative ${ownWindow || fullScreen.on ? 'min-h-0 flex-1' : 'h-[max(22rem,calc(100dvh-24rem))]'}`}
      >
        <div ref={screen} className="absolute inset-0 overflow-hidden" />
        <ConsoleStatus connection={connection} state={state} onRetry={retryNow} />
      </div>
      <TouchKeys rfb={rfb} />
      <p id={hintId} className="border-border text-text-muted hidden border-t px-3 py-1.5 text-xs md:block">
        {t('leaveHint')}
      </p>
    </div>
  );
}

/**
 * A console takes every key, Tab too, so there must be a way out that the guest does not get: Ctrl + Alt + Shift
 * together (WCAG 2.2, 2.1.2: no keyboard trap, and the way out is told).
 */
function useLeaveChord(frame: RefObject<HTMLElement | null>, leave: () => void): void {
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const listen = (event: KeyboardEvent) => {
      if (!(event.ctrlKey && event.altKey && event.shiftKey)) return;
      event.preventDefault();
      event.stopPropagation();
      leave();
    };
    // Before noVNC's own listener, which stops the event.
    element.addEventListener('keydown', listen, { capture: true });
    return () => {
      element.removeEventListener('keydown', listen, { capture: true });
    };
  }, [frame, leave]);
}
