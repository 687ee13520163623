'use client';

import type RFB from '@novnc/novnc';
import { useCallback, useEffect, useReducer, useRef, useState, type RefObject } from 'react';
import { initialConnection, nextConnection, type ConnectionState } from './connection';

/** Close code of the console's WebSocket that means: the right to see this VM is gone. */
const accessLostCode = 4003;

export interface ConsoleConnection {
  state: ConnectionState;
  /** The open connection, for keys and pictures; undefined while there is none. */
  rfb: RFB | undefined;
  retryNow: () => void;
}

/**
 * Keeps a console connected while the VM has a picture: asks for a ticket, opens the socket, and tries again with
 * growing waits when it is cut.
 *
 * @param screen element that noVNC draws into
 * @param available whether the VM has a picture now
 * @param getPath asks for a single-use ticket and returns the WebSocket's path with it
 */
export function useConsole(
  screen: RefObject<HTMLElement | null>,
  available: boolean,
  getPath: () => Promise<string>,
): ConsoleConnection {
  const [state, dispatch] = useReducer(nextConnection, initialConnection);
  const [rfb, setRfb] = useState<RFB>();
  const path = useRef(getPath);
  useEffect(() => {
    path.current = getPath;
  }, [getPath]);

  useEffect(() => {
    dispatch({ type: 'picture', available });
  }, [available]);

  // One effect holds one connection from its ticket to its end: it runs again for a new try, and not when connecting
  // becomes open, or that change would close what it has just opened.
  const wanted = state.kind === 'connecting' || state.kind === 'open';
  useEffect(() => {
    if (!wanted) return;
    return connect(screen, path.current, {
      opened: (opened) => {
        setRfb(opened);
        dispatch({ type: 'connected' });
      },
      closed: (accessLost) => {
        setRfb(undefined);
        dispatch({ type: 'closed', accessLost, now: Date.now() });
      },
    });
  }, [wanted, screen]);

  const retryAt = state.kind === 'lost' ? state.retryAt : undefined;
  useEffect(() => {
    if (retryAt === undefined) return;
    const timer = setTimeout(
      () => {
        dispatch({ type: 'retry' });
      },
      Math.max(0, retryAt - Date.now()),
    );
    return () => {
      clearTimeout(timer);
    };
  }, [retryAt]);

  const retryNow = useCallback(() => {
    dispatch({ type: 'retry' });
  }, []);
  return { state, rfb, retryNow };
}

interface Connected {
  opened: (rfb: RFB) => void;
  closed: (accessLost: boolean) => void;
}

/**
 * Opens one connection.
 *
 * @returns a function that ends it without a report
 */
function connect(screen: RefObject<HTMLElement | null>, getPath: () => Promise<string>, report: Connected) {
  let cancelled = false;
  let rfb: RFB | undefined;
  const open = async () => {
    // noVNC touches `window` when it is loaded, so only the browser may load it.
    const [{ default: Rfb }, path] = await Promise.all([import('@novnc/novnc'), getPath()]);
    // React's strict mode runs an effect twice; a ticket is for one connection.
    if (cancelled || !screen.current) return;
    const url = new URL(path, window.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, ['binary']);
    let accessLost = false;
    socket.addEventListener('close', (event) => {
      accessLost = event.code === accessLostCode;
    });
    rfb = new Rfb(screen.current, socket, { shared: true });
    rfb.addEventListener('connect', () => {
      if (!cancelled && rfb) report.opened(rfb);
    });
    rfb.addEventListener('disconnect', () => {
      // noVNC writes an error when it is told to end what has ended.
      rfb = undefined;
      if (!cancelled) report.closed(accessLost);
    });
  };
  open().catch(() => {
    if (!cancelled) report.closed(false);
  });
  return () => {
    cancelled = true;
    rfb?.disconnect();
  };
}
