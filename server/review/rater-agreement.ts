import type { Handlers } from '@wheelhouse/core/contract';
import type { LabelledItem } from '@wheelhouse/core/ports';
import { disputedFields, type ReviewField, type ReviewLabel } from '@wheelhouse/core/records';
import { type Agreement, cohenKappa, fleissKappa, krippendorffAlpha } from '@wheelhouse/core/stats';
import { findQueue, type ReviewDeps } from './deps.ts';
import { everyItem } from './queue-handlers.ts';

/** What people said by themselves. */
const own = (labels: readonly ReviewLabel[]) => labels.filter(({ decides, skipped }) => !decides && !skipped);

type Rating = { rater: string; value: string | number };

/** One list an item, of those who answered. */
const ratingsOf = (field: ReviewField, items: readonly LabelledItem[]): Rating[][] =>
  items.map(({ labels }) =>
    own(labels).flatMap(({ rater, answers }) => {
      const answer = answers[field.name];
      if (answer === undefined) return [];
      return [{ rater, value: field.kind === 'number' ? Number(answer) : String(answer) }];
    }),
  );

function kappaOf(units: readonly Rating[][]): Agreement {
  const rated = units.filter(({ length }) => length > 1);
  const raters = [...new Set(rated.flat().map(({ rater }) => rater))].sort();
  if (raters.length !== 2) return fleissKappa(rated.map((unit) => unit.map(({ value }) => value)));
  const [first] = raters;
  const pairs = rated.map((unit) => {
    const a = unit.find(({ rater }) => rater === first)?.value ?? '';
    const b = unit.find(({ rater }) => rater !== first)?.value ?? '';
    return { a, b };
  });
  const categories = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))].sort();
  return cohenKappa(pairs, { categories, weights: 'none' });
}

function agreementOf(field: ReviewField, items: readonly LabelledItem[]) {
  const units = ratingsOf(field, items);
  const disputed = items.filter(({ labels }) => disputedFields([field], own(labels)).length > 0).length;
  const values = units.map((unit) => unit.map(({ value }) => value));
  if (field.kind === 'number') {
    const alpha = krippendorffAlpha(
      values.map((unit) => unit.map(Number)),
      'interval',
    );
    return { field: field.name, alpha, kappa: null, disputed };
  }
  return { field: field.name, alpha: krippendorffAlpha(values, 'nominal'), kappa: kappaOf(units), disputed };
}

function middle(values: number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

function ratersOf(items: readonly LabelledItem[]) {
  const all = items.flatMap(({ labels }) => labels.filter(({ decides }) => !decides));
  return [...new Set(all.map(({ rater }) => rater))].sort().map((rater) => {
    const mine = all.filter((label) => label.rater === rater);
    const given = mine.filter(({ skipped }) => !skipped);
    return {
      rater,
      labels: given.length,
      skipped: mine.length - given.length,
      seconds: middle(given.flatMap(({ seconds }) => seconds ?? [])),
    };
  });
}

/** Whether people agree. Decisions do not count: whoever decides has seen what others said. */
export function createAgreementHandlers(deps: ReviewDeps): Handlers<'getRaterAgreement'> {
  return {
    async getRaterAgreement({ by, params }) {
      const queue = await findQueue(deps, by.project, params.queue);
      const items: LabelledItem[] = [];
      for await (const item of everyItem(deps, by.project, queue.name)) if (item.labels.length > 0) items.push(item);
      const compared = queue.form.filter(({ kind }) => kind !== 'text' && kind !== 'correction');
      return { fields: compared.map((field) => agreementOf(field, items)), raters: ratersOf(items) };
    },
  };
}
