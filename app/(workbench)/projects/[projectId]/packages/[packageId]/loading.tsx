import { SkeletonPage } from '@/components/ui/skeleton';

export default function PackageLoading() {
  return <SkeletonPage />;
}
