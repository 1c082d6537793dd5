/** The embedded databases alone, as the server starts them. */
import { startEmbedded } from '../../../server/dist/stores/embedded/index.js';

const template = new URL('../../../server/dist/postgres-template.tar.gz', import.meta.url).pathname;
const engine = await startEmbedded({ dataDir: process.argv[2], template });

process.on('SIGTERM', async () => {
  await engine.stop();
  process.exit(0);
});
process.on('disconnect', () => process.emit('SIGTERM'));
process.send({ type: 'ready', port: 0, url: engine.clickhouseUrl, engine: engine.pid() });
