import { SkeletonPage } from '@/components/ui/skeleton';

export default function SitesLoading() {
  return <SkeletonPage />;
}
