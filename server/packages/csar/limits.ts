/** What a package from outside may be at most. A refusal names the limit it broke. */
export const limits = {
  /** Files and folders. */
  entries: 10_000,
  /** Bytes of everything, unpacked. */
  totalBytes: 64 * 1024 ** 3,
  /** Bytes of one file, unpacked. */
  fileBytes: 64 * 1024 ** 3,
  /** Unpacked bytes for each packed byte, for archives that unpack to more than `ratioFrom` bytes. */
  ratio: 200,
  ratioFrom: 16 * 1024 * 1024,
  /** Bytes of a path. */
  nameBytes: 1024,
  /** Folders in folders. */
  depth: 32,
  /** Bytes of the descriptor's archive inside the archive, packed and unpacked; nothing nested deeper is opened. */
  nestedBytes: 32 * 1024 * 1024,
  nestedEntries: 1000,
  /** Bytes of a text that is read as a whole: manifest, descriptor, image list. */
  documentBytes: 4 * 1024 * 1024,
} as const;

export type Limits = { readonly [Name in keyof typeof limits]: number };
