import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../api/trpc-provider';

/** Whether the reader may change what is at edges; yes while that is not known, the server decides anyway. */
export function useMayOperate(): boolean {
  const { data: me } = useQuery(useTRPC().access.me.queryOptions());
  return me === undefined || me.role === 'operator' || me.role === 'admin';
}
