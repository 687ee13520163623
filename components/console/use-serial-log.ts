'use client';

import { useEffect, useState } from 'react';
import { useTRPCClient } from '../api/trpc-provider';

/** Milliseconds between two looks while the page is visible; a serial line tells nobody that it has more. */
const interval = 1500;
/** Characters kept on the page; the whole log is a download. */
const kept = 300_000;

/**
 * The serial log of a VM as it grows.
 *
 * @param vmId the VM
 * @returns its end, without terminal control sequences
 */
export function useSerialLog(vmId: string): string {
  const client = useTRPCClient();
  const [text, setText] = useState('');
  useEffect(() => {
    const abort = new AbortController();
    let from = 0;
    let timer: ReturnType<typeof setTimeout>;
    setText('');
    const look = async () => {
      let more = false;
      if (document.visibilityState === 'visible') {
        const part = await client.workbench.vms.serial.query({ vmId, from }, { signal: abort.signal });
        // A machine that was started anew begins a new log.
        if (part.next < from) setText(plain(part.text));
        else if (part.text !== '') setText((before) => (before + plain(part.text)).slice(-kept));
        more = part.next > from && part.text.length > 100_000;
        from = part.next;
      }
      timer = setTimeout(start, more ? 0 : interval);
    };
    const start = () => {
      look().catch(() => {
        // Out of reach for a moment, or the VM is gone: the page around says so.
        if (!abort.signal.aborted) timer = setTimeout(start, interval * 4);
      });
    };
    start();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [client, vmId]);
  return text;
}

/** Takes out ANSI escape sequences (ECMA-48) and carriage returns: colours and cursor moves mean nothing in a log. */
function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex -- escape sequences begin with a control character
  return text.replace(/\u001b(?:\[[0-9;?]*[ -/]*[@-~]|[()][A-Z0-9]|[=>78cM])/g, '').replaceAll('\r', '');
}
