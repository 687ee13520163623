import { SkeletonPage } from '@/components/ui/skeleton';

export default function OperationsLoading() {
  return <SkeletonPage />;
}
