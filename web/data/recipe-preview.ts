import { followRecipe, type RecipeRow } from '@wheelhouse/core/dataset';
import type { ExampleId, Json, JsonObject, RecipeStep, SpanId, TraceId } from '@wheelhouse/core/records';
import type { ExampleBody } from '@wheelhouse/sdk';

/** What comes to a recipe of rows as the API gives them: all but those whose trace was deleted. */
export const livingRows = (examples: readonly ExampleBody[]): RecipeRow[] =>
  examples.flatMap(({ hash: _, erasedAt, id, source, input, expected, metadata, ...labels }) =>
    erasedAt !== null
      ? []
      : [
          {
            ...labels,
            id: id as ExampleId,
            input: input as Json,
            expected: expected as Json,
            metadata: metadata as JsonObject,
            source: source && { traceId: source.traceId as TraceId, spanId: source.spanId as SpanId },
          },
        ],
  );

/** How many rows come out of each step, and the rows that come out of the last one: by the code that the server runs. */
export async function recipePreview(
  given: RecipeRow[],
  steps: readonly RecipeStep[],
): Promise<{ counts: number[]; rows: RecipeRow[] }> {
  const counts: number[] = [];
  let rows = given;
  for (const step of steps) {
    const before = rows;
    const after: RecipeRow[] = [];
    const source = async function* () {
      yield* before;
    };
    for await (const row of followRecipe([step], source)) after.push(row);
    counts.push(after.length);
    rows = after;
  }
  return { counts, rows };
}
