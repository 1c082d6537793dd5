/** Path of a Chromium: `CHROMIUM_PATH`, one on the PATH, or the one Playwright downloaded; null when there is none. */
export function findChromium(env: NodeJS.ProcessEnv): string | null;
