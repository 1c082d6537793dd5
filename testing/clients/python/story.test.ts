import { join } from 'node:path';
import { tellStory } from '../../e2e/story.ts';

const cache = join(import.meta.dirname, '..', '..', '..', '.cache');

tellStory('a canary that fails under an application in Python, and the version that comes of it', {
  program: join(cache, 'python', 'bin', 'python'),
  args: [join(import.meta.dirname, 'story', 'support_app.py')],
});
