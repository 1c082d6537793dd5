/** One key press can arrive twice, from the terminal and forwarded by npm. */
const samePressMs = 300;

export type Stopping = { signal: AbortSignal; isStopping(): boolean; close(): void };

/** The first Ctrl-C lets calls under way end and keeps them; the second ends them too. */
export function listenForStop(onFirst: () => void): Stopping {
  const hard = new AbortController();
  let firstAt: number | null = null;
  const hear = () => {
    if (firstAt === null) {
      firstAt = performance.now();
      onFirst();
    } else if (performance.now() - firstAt > samePressMs) hard.abort();
  };
  process.on('SIGINT', hear);
  process.on('SIGTERM', hear);
  return {
    signal: hard.signal,
    isStopping: () => firstAt !== null,
    close() {
      process.off('SIGINT', hear);
      process.off('SIGTERM', hear);
    },
  };
}
