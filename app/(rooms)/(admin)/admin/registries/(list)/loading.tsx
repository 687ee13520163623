import { SkeletonPage } from '@/components/ui/skeleton';

export default function RegistriesLoading() {
  return <SkeletonPage />;
}
