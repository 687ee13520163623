import { SkeletonPage } from '@/components/ui/skeleton';

export default function ApiDocsLoading() {
  return <SkeletonPage />;
}
