import type { Browser } from 'playwright-core';
import { launchChromium } from '../chromium/index.ts';
import { makeFolder, type StartOptions, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

export type Opened = { house: Wheelhouse; browser: Browser; close(): Promise<void> };

type HouseOptions = Omit<StartOptions, 'folder'> & {
  /** What the config file says. */
  config?: object;
};

/** A server in an empty folder, and a browser. Close both after use. */
export async function openHouse({ config, ...start }: HouseOptions = {}): Promise<Opened> {
  const folder = await makeFolder(config);
  const [house, browser] = await Promise.all([startWheelhouse({ folder: folder.path, ...start }), launchChromium()]);
  return {
    house,
    browser,
    async close() {
      await browser.close();
      await house.stop();
      await folder.remove();
    },
  };
}
