import { routes } from '@wheelhouse/core/contract';
import { describe, expect, it } from 'vitest';
import { bodyOf, newField, newQueue, presets } from './queue-draft.ts';

describe('the form of a new queue', () => {
  it('reads options with what they are worth, a line each', () => {
    const field = newField('choice', { name: 'verdict', options: ' good = 1 \n\nso so=0.5\nno idea\na = b = 0' });
    expect(bodyOf({ ...newQueue(), name: ' tone ', fields: [field] })).toMatchObject({
      name: 'tone',
      form: [
        {
          kind: 'choice',
          options: [
            { value: 'good', points: 1 },
            { value: 'so so', points: 0.5 },
            { value: 'no idea', points: null },
            { value: 'a = b', points: 0 },
          ],
        },
      ],
    });
  });

  it('sends nothing that the server would refuse, whatever it starts from', () => {
    for (const { fields } of presets) {
      const body = bodyOf({ ...newQueue(), name: 'q', fields: fields() });
      expect(routes.createReviewQueue.body.parse(body).form).toHaveLength(fields().length);
    }
  });
});
