'use client';

import { PageFailed } from '@/components/shell/page-failed';

export default function RoomError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return <PageFailed reference={error.digest} retry={reset} />;
}
