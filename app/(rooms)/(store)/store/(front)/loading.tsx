import { SkeletonCards } from '@/components/ui/skeleton';

export default function StoreLoading() {
  return <SkeletonCards cards={9} />;
}
