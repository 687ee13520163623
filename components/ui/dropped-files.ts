/**
 * The files of a drop.
 *
 * @param data what the drop brought; read at once, the browser empties it after the event
 * @param folders true: folders are walked, and their files get their path as `webkitRelativePath`; false: left out
 * @returns the files, folders in the order of their listing
 */
export async function filesOfDrop(data: DataTransfer, folders: boolean): Promise<File[]> {
  const entries = [...data.items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found: File[] = [];
  for (const { entry, file } of entries) {
    if (entry?.isDirectory === true) {
      if (folders) await walk(entry as FileSystemDirectoryEntry, found);
    } else if (file !== null) {
      found.push(file);
    }
  }
  return found;
}

async function walk(folder: FileSystemDirectoryEntry, found: File[]): Promise<void> {
  const reader = folder.createReader();
  for (;;) {
    // A reader gives a hundred entries at a time, and none when it is done (File and Directory Entries API).
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (entries.length === 0) return;
    for (const entry of entries) {
      if (entry.isDirectory) await walk(entry as FileSystemDirectoryEntry, found);
      else found.push(await fileOf(entry as FileSystemFileEntry));
    }
  }
}

async function fileOf(entry: FileSystemFileEntry): Promise<File> {
  const file = await new Promise<File>((resolve, reject) => {
    entry.file(resolve, reject);
  });
  // A dropped folder's files come without their path, files of a chosen folder with it; make them alike.
  Object.defineProperty(file, 'webkitRelativePath', { value: entry.fullPath.replace(/^\//, '') });
  return file;
}
