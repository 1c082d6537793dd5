import { canonicalJson, type ExampleContent, type ExampleLabels, isJsonObject, type Json } from '../records/index.ts';

const mostFields = 50;

function compare(before: Json | undefined, after: Json | undefined, given: { path: string; found: string[] }): void {
  const { path, found } = given;
  if (found.length >= mostFields) return;
  if (isJsonObject(before) && isJsonObject(after)) {
    for (const name of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort())
      compare(before[name], after[name], { path: `${path}.${name}`, found });
    return;
  }
  const isSame = before !== undefined && after !== undefined && canonicalJson(before) === canonicalJson(after);
  if (!isSame) found.push(path);
}

type Row = ExampleContent & ExampleLabels;

/** Paths at which two forms of an example differ: `expected.city`, `tags`. */
export function changedFields(before: Row, after: Row): string[] {
  const found: string[] = [];
  for (const part of ['input', 'expected', 'metadata', 'tags', 'split', 'weight'] as const)
    compare(before[part] as Json, after[part] as Json, { path: part, found });
  return found;
}
