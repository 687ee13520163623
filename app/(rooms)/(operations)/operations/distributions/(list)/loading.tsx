import { SkeletonPage } from '@/components/ui/skeleton';

export default function DistributionsLoading() {
  return <SkeletonPage />;
}
