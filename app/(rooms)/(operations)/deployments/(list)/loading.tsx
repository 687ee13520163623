import { SkeletonPage } from '@/components/ui/skeleton';

export default function DeploymentsLoading() {
  return <SkeletonPage />;
}
