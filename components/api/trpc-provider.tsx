'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, httpBatchStreamLink, splitLink } from '@trpc/client';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import { useState, type ReactNode } from 'react';
import type { AppRouter } from '@/server/api/trpc/router';
import { transformer } from '@/server/api/trpc/transformer';
import { problemOf } from './problem-of';

const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();

export { useTRPC, useTRPCClient };

const server = { url: '/api/trpc', transformer, maxURLLength: 4000 };

/** Gives the pages their procedures and one cache for what the server said. */
export function TrpcProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(createQueryClient);
  const [trpcClient] = useState(() =>
    createTRPCClient<AppRouter>({
      links: [
        splitLink({
          condition: ({ context }) => context.streamed === true,
          // An answer in parts needs another framing, and always has the status 200.
          true: httpBatchStreamLink(server),
          false: splitLink({
            condition: ({ context }) => context.posted === true,
            // A question with a whole text in it is longer than an address may be.
            true: httpBatchLink({ ...server, methodOverride: 'POST' }),
            false: httpBatchLink(server),
          }),
        }),
      ],
    }),
  );
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The event stream says what changed; until then what we have is true.
        staleTime: 30_000,
        // A refusal stays one however often it is asked; only a server out of reach is worth another try.
        retry: (failures, error) => failures < 2 && problemOf(error).code === 'unavailable',
      },
    },
  });
}
