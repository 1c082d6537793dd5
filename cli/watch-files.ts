import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Editors write a file in several strokes. */
const settleMs = 80;

/** Calls when one of the files may have changed; folders are watched, because editors put new files in the place of old ones. */
export function watchFiles(files: string[], changed: () => void): { close(): void } {
  let timer: NodeJS.Timeout | undefined;
  const hear = () => {
    clearTimeout(timer);
    timer = setTimeout(changed, settleMs);
  };
  const folders = [...new Set(files.map((file) => dirname(file)))];
  const watchers: FSWatcher[] = folders.map((folder) => watch(folder, hear));
  for (const watcher of watchers) watcher.on('error', () => undefined);
  return {
    close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
