import { SkeletonPage } from '@/components/ui/skeleton';

export default function StoresLoading() {
  return <SkeletonPage />;
}
