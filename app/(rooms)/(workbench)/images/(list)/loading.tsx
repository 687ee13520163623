import { SkeletonPage } from '@/components/ui/skeleton';

export default function ImagesLoading() {
  return <SkeletonPage />;
}
