import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';

const workspace = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** Runs the sources, as the other unit tests do. */
const jiti = createJiti(import.meta.url, {
  alias: { '@wheelhouse/core': workspace('core'), '@wheelhouse/server': workspace('server') },
});
await jiti.import('./replica.ts');
