import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { canInstall, install, installFromDebian, isRoot } from './install-packages.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const fixedPlaces = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Path of a Chromium: `CHROMIUM_PATH`, one on the PATH, or the one Playwright downloaded; null when there is none. */
export function findChromium(env) {
  if (env.CHROMIUM_PATH) return isExecutable(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : null;
  const onPath = (env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  return [...onPath, ...fixedPlaces, chromium.executablePath()].find((path) => path && isExecutable(path)) ?? null;
}

/** The one that Playwright downloads, with the libraries it needs. */
function playwrightInstall() {
  const playwright = join(createRequire(import.meta.url).resolve('playwright-core/package.json'), '..', 'cli.js');
  const libraries = isRoot() && process.platform === 'linux' ? ['--with-deps'] : [];
  return [process.execPath, playwright, 'install', ...libraries, 'chromium'];
}

/** Finds Chromium, or installs it and says so; throws a sentence that says what to do when it cannot. */
export function ensureChromium(env) {
  const found = findChromium(env);
  if (found) return found;
  if (env.CHROMIUM_PATH) throw new Error(`CHROMIUM_PATH is ${env.CHROMIUM_PATH}, which is not an executable file.`);
  const options = { because: 'No Chromium here', env };
  if (canInstall()) installFromDebian('chromium', options);
  else install(playwrightInstall(), options);
  const installed = findChromium(env);
  if (installed) return installed;
  throw new Error(
    'The end-to-end tests need Chromium, and installing it failed. Install it yourself, or set CHROMIUM_PATH to one.',
  );
}
