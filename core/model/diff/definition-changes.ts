import { canonicalJson, isJsonObject, type Json, type JsonObject, type ModelDefinition } from '../../records/index.ts';
import { align } from './align.ts';
import type { VersionChange } from './signature-changes.ts';

const shownCharacters = 60;

/** A value in a line; null: it is too long for that. */
function short(value: Json): string | null {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= shownCharacters && !text.includes('\n') ? text : null;
}

const neutral = (text: string): VersionChange => ({ text, breaking: false });
const equal = (a: Json, b: Json) => canonicalJson(a) === canonicalJson(b);

/** What an item of a list is called: a message by its role, a step by its id, a tool by its name. */
function nameOf(item: Json, noun: string): string {
  if (!isJsonObject(item)) return noun;
  if (typeof item.id === 'string') return `step \`${item.id}\``;
  if (isJsonObject(item.function) && typeof item.function.name === 'string') return `tool \`${item.function.name}\``;
  if (typeof item.name === 'string') return `${noun} \`${item.name}\``;
  if (typeof item.role === 'string') return `${item.role} message`;
  if (typeof item.placeholder === 'string') return `placeholder \`${item.placeholder}\``;
  if (typeof item.include === 'string') return `included \`${item.include}\``;
  return Array.isArray(item.examples) ? 'examples' : noun;
}

/** Items that came, went, or are another at the same place. */
function listChanges(a: Json[], b: Json[], path: string): VersionChange[] {
  const noun = `item of ${path}`;
  const aligned = align(a.map(canonicalJson), b.map(canonicalJson)).map(({ kind, item }) => ({
    kind,
    item: JSON.parse(item) as Json,
  }));
  const changes: VersionChange[] = [];
  const gone = aligned.filter(({ kind }) => kind === 'removed').map(({ item }) => item);
  const paired = new Set<Json>();
  for (const { kind, item } of aligned) {
    if (kind !== 'added') continue;
    const name = nameOf(item, noun);
    const before = gone.find((one) => !paired.has(one) && nameOf(one, noun) === name);
    if (before === undefined) changes.push(neutral(`${name} added`));
    else {
      paired.add(before);
      const inner = name.startsWith('step ') ? memberChanges(before, item, name) : [];
      changes.push(...(inner.length > 0 ? inner : [neutral(`${name} changed`)]));
    }
  }
  for (const item of gone) if (!paired.has(item)) changes.push(neutral(`${nameOf(item, noun)} removed`));
  return changes;
}

function valueChange(a: Json | undefined, b: Json | undefined, path: string): VersionChange[] {
  if (a === undefined) {
    const added = b === undefined ? null : short(b);
    return [neutral(added === null ? `${path} added` : `${path} added: ${added}`)];
  }
  if (b === undefined) return [neutral(`${path} removed`)];
  if (Array.isArray(a) && Array.isArray(b)) return listChanges(a, b, path);
  if (isJsonObject(a) && isJsonObject(b)) return memberChanges(a, b, path);
  const [from, to] = [short(a), short(b)];
  return [neutral(from === null || to === null ? `${path} changed` : `${path} ${from} → ${to}`)];
}

function memberChanges(a: Json, b: Json, path: string): VersionChange[] {
  if (!isJsonObject(a) || !isJsonObject(b)) return [];
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].flatMap((name) => {
    const from = Object.hasOwn(a, name) ? a[name] : undefined;
    const to = Object.hasOwn(b, name) ? b[name] : undefined;
    if (from !== undefined && to !== undefined && equal(from, to)) return [];
    return valueChange(from, to, path === '' ? name : `${path}: ${name}`);
  });
}

/** What changed inside, one line a change: `temperature 0 → 0.7`, `system message changed`, `step triage: model a@1 → b@1`. */
export function definitionChanges(a: ModelDefinition, b: ModelDefinition): VersionChange[] {
  const [before, after] = [a, b].map((definition) => {
    const { parameters, ...rest } = definition as unknown as JsonObject;
    return { rest, parameters: isJsonObject(parameters) ? parameters : {} };
  }) as [Parts, Parts];
  return [...memberChanges(before.rest, after.rest, ''), ...memberChanges(before.parameters, after.parameters, '')];
}

type Parts = { rest: JsonObject; parameters: JsonObject };
