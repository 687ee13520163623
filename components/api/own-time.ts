/**
 * Options of a question that another system has a part in answering: its answer comes when it is ready, so that it
 * holds up nothing that was asked at the same moment. Others travel in one request, which is as slow as its slowest.
 */
export const inItsOwnTime = { trpc: { context: { streamed: true } } } as const;
