import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { readFilter, writeFilter, type EdgeFilter } from './edge-filter';

/** The filter of the page's address, and how to change it. Text that is being typed does not wait for the address. */
export function useEdgeFilter(): [EdgeFilter, (change: Partial<EdgeFilter>) => void] {
  const params = useSearchParams();
  const inAddress = readFilter(params);
  const [typed, setTyped] = useState(inAddress.q);
  const filter = { ...inAddress, q: typed };
  const change = (part: Partial<EdgeFilter>) => {
    const next = { ...filter, ...part };
    setTyped(next.q);
    // Next keeps useSearchParams in step with the history; no request to the server is needed.
    window.history.replaceState(null, '', `${window.location.pathname}${writeFilter(next)}`);
  };
  return [filter, change];
}
