const numbers = { SIGINT: 2, SIGTERM: 15 } as const;

/** One key press can arrive twice, from the terminal and forwarded by npm; a person's second press comes later than this. */
const samePressMs = 300;

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstAt: number | null = null;
    const onSignal = (signal: keyof typeof numbers) => {
      if (firstAt === null) {
        firstAt = performance.now();
        resolve(signal);
      } else if (performance.now() - firstAt > samePressMs) {
        process.exit(128 + numbers[signal]);
      }
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}
