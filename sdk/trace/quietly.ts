/** Runs what only watches: whatever goes wrong in it is no concern of the app that is watched. */
export function quietly<R>(watch: () => R): R | undefined {
  try {
    return watch();
  } catch {
    return undefined;
  }
}
