import { SkeletonPage } from '@/components/ui/skeleton';

export default function StoreAppLoading() {
  return <SkeletonPage />;
}
