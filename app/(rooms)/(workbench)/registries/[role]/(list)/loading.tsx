import { SkeletonPage } from '@/components/ui/skeleton';

export default function RegistryLoading() {
  return <SkeletonPage />;
}
