import { isJsonObject, type JsonObject, type TrackedStage } from '@wheelhouse/core/records';
import { integerOr, invalid } from './fields.ts';
import { wrong } from './mlflow-error.ts';

/** MLflow's own most; more than `mostAtOnce` is answered in several pages. */
const mostAsked = 50_000;
const mostAtOnce = 2_000;
const usual = 1_000;

/** Whatever a token held: it says where the next page begins. */
export const tokenOf = (place: JsonObject): string => Buffer.from(JSON.stringify(place)).toString('base64');

/** @throws WheelhouseError `invalid_request` */
export function placeOf(token: string | null): JsonObject {
  if (token === null || token === '') return {};
  try {
    const place: unknown = JSON.parse(Buffer.from(token, 'base64').toString('utf8'));
    if (isJsonObject(place)) return place;
  } catch {}
  throw wrong('Invalid page token, could not base64-decode');
}

export function limitOf(body: JsonObject): number {
  const asked = integerOr(body, 'max_results') ?? usual;
  if (asked < 1 || asked > mostAsked) throw invalid('max_results', asked);
  return Math.min(asked, mostAtOnce);
}

export function offsetIn(place: JsonObject): number {
  const { offset = 0 } = place;
  if (typeof offset !== 'number' || !Number.isSafeInteger(offset) || offset < 0 || offset > 1e9)
    throw wrong('Invalid page token, parsed JSON has no offset');
  return offset;
}

/** One page out of items that were read with one to spare. */
export function pageOf<Item>(items: Item[], { limit, offset }: { limit: number; offset: number }) {
  const isLast = items.length <= limit;
  return {
    items: items.slice(0, limit),
    token: isLast ? {} : { next_page_token: tokenOf({ offset: offset + limit }) },
  };
}

const stages: Record<string, TrackedStage | null> = {
  ...{ ACTIVE_ONLY: 'active', DELETED_ONLY: 'deleted', ALL: null },
  ...{ '1': 'active', '2': 'deleted', '3': null },
};

/** ACTIVE_ONLY unless said; null: all. */
export function stageOf(body: JsonObject, name: string): TrackedStage | null {
  const asked = body[name] ?? 'ACTIVE_ONLY';
  const stage = stages[String(asked)];
  if (stage === undefined) throw invalid(name, asked);
  return stage;
}
