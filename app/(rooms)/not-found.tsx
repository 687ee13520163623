import { NotHere } from '@/components/shell/not-here';

/** The layout of these pages has drawn the shell already. */
export default function RoomsNotFound() {
  return <NotHere />;
}
