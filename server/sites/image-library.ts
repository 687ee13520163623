import type { GuestImage } from './site';

/** Disk images we hold, as guests are made from them. */
export interface ImageLibrary {
  list(): Promise<GuestImage[]>;
  /** Where an image's content lies, by a path that stays, and its true format. @throws Problem `not_found` */
  path(imageId: string): Promise<{ path: string; format: 'qcow2' | 'raw' | 'iso' }>;
}
