import { SkeletonPage } from '@/components/ui/skeleton';

export default function ProjectsLoading() {
  return <SkeletonPage />;
}
