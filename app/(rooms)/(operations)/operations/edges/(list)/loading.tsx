import { SkeletonPage } from '@/components/ui/skeleton';

export default function EdgesLoading() {
  return <SkeletonPage />;
}
