export { changedFields } from './changed-fields.ts';
export { detectEncoding, type Encoding, encodings } from './encoding.ts';
export {
  cellsOf,
  csvLine,
  type LineFormat,
  lineFormats,
  shapeOf,
  tableColumns,
} from './export-shapes.ts';
export { examineRows, type HealthReport, type HealthRow, type Prompt, type Recent, toHealthRow } from './health.ts';
export { createSchemaInference } from './infer-schema.ts';
export { valueAt } from './paths.ts';
export { createCsvReader } from './read-csv.ts';
export { createJsonReader } from './read-json.ts';
export { createJsonLinesReader } from './read-jsonl.ts';
export { followRecipe, type RecipeRow } from './recipe.ts';
export { fitsCondition, needsContent } from './row-condition.ts';
export { badBytes, type ReadRow, type RowReader } from './row-reader.ts';
export { textOfValue } from './row-text.ts';
export { shareOf, splitOf } from './split-of.ts';
export { type RowMapping, sortedTags, toRow } from './to-row.ts';
