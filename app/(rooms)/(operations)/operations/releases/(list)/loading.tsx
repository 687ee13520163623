import { SkeletonPage } from '@/components/ui/skeleton';

export default function ReleasesLoading() {
  return <SkeletonPage />;
}
