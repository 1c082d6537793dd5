import type { Handlers } from '@wheelhouse/core/contract';
import type { LabelledItem } from '@wheelhouse/core/ports';
import { type Json, parseExactJson, type ReviewLabel } from '@wheelhouse/core/records';
import { findQueue, type ReviewDeps } from './deps.ts';
import { type ItemContent, readContents } from './item-contents.ts';
import { everyItem } from './queue-handlers.ts';

const itemsAtOnce = 100;

/** The decision, else the newest correction. */
function correctionOf(field: string, labels: readonly ReviewLabel[]): string | null {
  const made = labels.filter(({ answers }) => answers[field] !== undefined);
  const found = made.find(({ decides }) => decides) ?? made.sort((a, b) => (a.at < b.at ? 1 : -1))[0];
  return found === undefined ? null : String(found.answers[field]);
}

/** The correction of an output that is no text is its JSON. */
function expectedOf({ output }: ItemContent, text: string): Json {
  return output === null || typeof output === 'string' ? text : (parseExactJson(text) as Json);
}

type Corrected = { found: LabelledItem; text: string };

/** Corrected outputs become what is expected. */
export function createExampleHandlers(deps: ReviewDeps): Handlers<'addReviewedExamples'> {
  return {
    async addReviewedExamples({ by, params, body: { dataset, items, tags } }) {
      const queue = await findQueue(deps, by.project, params.queue);
      const field = queue.form.find(({ kind }) => kind === 'correction')?.name ?? null;
      const corrected: Corrected[] = [];
      if (field !== null)
        for await (const found of everyItem(deps, by.project, queue.name)) {
          const text = correctionOf(field, found.labels);
          if (text !== null && (items === undefined || items.includes(found.item.number)))
            corrected.push({ found, text });
        }
      const refused: { item: number; error: string }[] = [];
      let added = 0;
      for (let at = 0; at < corrected.length; at += itemsAtOnce) {
        const some = corrected.slice(at, at + itemsAtOnce);
        const contents = await readContents(
          deps,
          by.project,
          some.map(({ found }) => found.item),
        );
        const rows: (Parameters<ReviewDeps['rows']['addRows']>[2][number] & { item: number })[] = [];
        for (const { found, text } of some) {
          const { number } = found.item;
          const content = contents.get(number);
          if (!content) {
            refused.push({ item: number, error: 'What it points at is not there any more.' });
            continue;
          }
          try {
            const { input, metadata, source } = content;
            rows.push({ item: number, input, expected: expectedOf(content, text), metadata, source, tags });
          } catch {
            refused.push({ item: number, error: 'The correction is no JSON, and the output is.' });
          }
        }
        const kept = await deps.rows.addRows(
          by,
          dataset,
          rows.map(({ item: _, ...row }) => row),
        );
        added += kept.ids.length;
        for (const { at: place, error } of kept.refused) refused.push({ item: rows[place - 1]?.item ?? 0, error });
      }
      return { corrected: corrected.length, added, refused };
    },
  };
}
