import type { ReviewItemBody } from '@wheelhouse/core/contract';
import type { Client } from './client.ts';

const itemsAtOnce = 500;

/** Every item of a review queue with all that was said of it, in the order they came. */
async function* everyReviewItem(client: Client, queue: string): AsyncGenerator<ReviewItemBody> {
  for (let cursor: string | undefined; ; ) {
    const { data, next } = await client.call('listReviewItems', {
      ...{ params: { queue }, query: { limit: itemsAtOnce, ...(cursor === undefined ? {} : { cursor }) } },
    });
    yield* data;
    if (next === null) return;
    cursor = next;
  }
}

const csvCell = (value: unknown): string => {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** What a label is about, flat. */
function placeOf({ number, state, target, traceId, otherTraceId, probability }: ReviewItemBody) {
  const row = target.kind === 'cell' || target.kind === 'pair' ? target : null;
  return {
    ...{ item: number, state, kind: target.kind, traceId, otherTraceId },
    ...{ spanId: target.kind === 'span' ? target.spanId : null },
    ...{ sessionId: target.kind === 'session' ? target.sessionId : null, evaluationId: row?.evaluationId ?? null },
    ...{ runId: target.kind === 'cell' ? target.runId : null },
    ...{ left: target.kind === 'pair' ? target.left : null, right: target.kind === 'pair' ? target.right : null },
    ...{ exampleId: row?.exampleId ?? null, repetition: row?.repetition ?? null, probability },
  };
}

/**
 * Labels of a review queue as lines of a file, one a label, each with the item that it is about; CSV begins with a line of names,
 * and has a column for each field of the form.
 */
export async function* labelLines(client: Client, queue: string, format: 'jsonl' | 'csv'): AsyncGenerator<string> {
  const { form } = await client.call('getReviewQueue', { params: { queue } });
  const names = form.map(({ name }) => name);
  let isFirst = true;
  for await (const item of everyReviewItem(client, queue))
    for (const { item: _, answers, ...label } of item.labels) {
      const place = placeOf(item);
      if (format === 'jsonl') yield JSON.stringify({ ...place, ...label, answers });
      else {
        if (isFirst) yield [...Object.keys(place), ...Object.keys(label), ...names].join(',');
        isFirst = false;
        const said = names.map((name) => answers[name]);
        yield [...Object.values(place), ...Object.values(label), ...said].map(csvCell).join(',');
      }
    }
}
