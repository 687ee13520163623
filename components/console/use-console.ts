'use client';

import type RFB from '@novnc/novnc';
import { useCallback, useEffect, useReducer, useRef, useState, type RefObject } from 'react';
import type { ProblemReport } from '@/server/problem';
import { problemOf } from '../api/problem-of';
import { initialConnection, nextConnection, type ConnectionState } from './connection';

/** Close code of the console's WebSocket that means: the right to see this VM is gone. */
const accessLostCode = 4003;

/** How the server lets a viewer in. */
export interface ConsoleDoor {
  /** Asks for a single-use ticket. @returns the WebSocket's path with it */
  path: () => Promise<string>;
  /** Why the last connection was refused; null when the server does not know. */
  refusal: () => Promise<ProblemReport | null>;
}

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
 * @param door asks for tickets, and why one was of no use
 */
export function useConsole(
  screen: RefObject<HTMLElement | null>,
  available: boolean,
  door: ConsoleDoor,
): ConsoleConnection {
  const [state, dispatch] = useReducer(nextConnection, initialConnection);
  const [rfb, setRfb] = useState<RFB>();
  const latest = useRef(door);
  useEffect(() => {
    latest.current = door;
  }, [door]);

  useEffect(() => {
    dispatch({ type: 'picture', available });
  }, [available]);

  // One effect holds one connection from its ticket to its end: it runs again for a new try, and not when connecting
  // becomes open, or that change would close what it has just opened.
  const wanted = state.kind === 'connecting' || state.kind === 'open';
  useEffect(() => {
    if (!wanted) return;
    return connect(screen, latest.current, {
      opened: (opened) => {
        setRfb(opened);
        dispatch({ type: 'connected' });
      },
      closed: (accessLost, problem) => {
        setRfb(undefined);
        dispatch({ type: 'closed', accessLost, problem, now: Date.now() });
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
  closed: (accessLost: boolean, problem?: ProblemReport) => void;
}

/**
 * Opens one connection.
 *
 * @returns a function that ends it without a report
 */
function connect(screen: RefObject<HTMLElement | null>, door: ConsoleDoor, report: Connected) {
  let cancelled = false;
  let rfb: RFB | undefined;
  const open = async () => {
    // noVNC touches `window` when it is loaded, so only the browser may load it.
    const [{ default: Rfb }, path] = await Promise.all([import('@novnc/novnc'), door.path()]);
    // React's strict mode runs an effect twice; a ticket is for one connection.
    if (cancelled || !screen.current) return;
    const url = new URL(path, window.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, ['binary']);
    let accessLost = false;
    let connected = false;
    socket.addEventListener('close', (event) => {
      accessLost = event.code === accessLostCode;
    });
    rfb = new Rfb(screen.current, socket, { shared: true });
    rfb.addEventListener('connect', () => {
      connected = true;
      if (!cancelled && rfb) report.opened(rfb);
    });
    rfb.addEventListener('disconnect', () => {
      // noVNC writes an error when it is told to end what has ended.
      rfb = undefined;
      if (connected || accessLost) end(accessLost);
      // A refused WebSocket tells a page nothing, so the server is asked.
      else void refused();
    });
  };
  const refused = async () => {
    end(false, await refusalOf(door));
  };
  const end = (accessLost: boolean, problem?: ProblemReport) => {
    if (!cancelled) report.closed(accessLost, problem);
  };
  open().catch((error: unknown) => {
    end(false, problemOf(error));
  });
  return () => {
    cancelled = true;
    rfb?.disconnect();
  };
}

async function refusalOf(door: ConsoleDoor): Promise<ProblemReport | undefined> {
  try {
    return (await door.refusal()) ?? undefined;
  } catch (error) {
    return problemOf(error);
  }
}
