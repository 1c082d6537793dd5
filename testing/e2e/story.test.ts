import { join } from 'node:path';
import { tellStory } from './story.ts';

tellStory('a canary that fails, and the version that comes of it', {
  program: process.execPath,
  args: [join(import.meta.dirname, 'support-app.mjs')],
});
