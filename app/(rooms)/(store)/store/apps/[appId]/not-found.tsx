import { AppMissing } from '@/components/store/app-gone';

export default function StoreAppMissing() {
  return <AppMissing />;
}
