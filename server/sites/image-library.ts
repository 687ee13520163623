import type { GuestImage } from './site';

/** Disk images we hold, as guests are made from them. */
export interface ImageLibrary {
  list(): Promise<GuestImage[]>;
  /**
   * Where an image's content lies, by a path that stays, its true format, and its MD5 in hex where it is known.
   * @throws Problem `not_found`
   */
  path(imageId: string): Promise<{ path: string; format: 'qcow2' | 'raw' | 'iso'; md5?: string | undefined }>;
}
