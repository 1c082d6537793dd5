import type { ChatMessage } from './chat.ts';
import type { Definition } from './definitions.ts';

/** One column: a version as it is, or what somebody made of it. */
export type Variant = {
  /** The registered model that it comes from, and would be the next version of. */
  name: string | null;
  /** null: not a registered version as it stands. */
  version: number | null;
  definition: Definition;
  /** What it was made from, as lineage writes it. */
  madeFrom: string[];
};
/** One row: what all of them are asked. */
export type PlaygroundInput = { variables: Record<string, unknown>; messages: ChatMessage[] };
export type PlaygroundState = { variants: Variant[]; inputs: PlaygroundInput[] };

/** Addresses longer than this are cut by mail and chat programs. */
const longestLink = 8_000;

const toText = (bytes: Uint8Array) =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
const toBytes = (text: string) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));

const through = async (bytes: Uint8Array, change: CompressionStream | DecompressionStream): Promise<Uint8Array> =>
  new Uint8Array(
    await new Response(new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(change)).arrayBuffer(),
  );

/** The state as the fragment of an address, which browsers keep to themselves; null: it is too long for one. */
export async function writeLink(state: PlaygroundState): Promise<string | null> {
  const bytes = new TextEncoder().encode(JSON.stringify([1, state.variants, state.inputs]));
  const text = toText(await through(bytes, new CompressionStream('deflate-raw')));
  return text.length > longestLink ? null : text;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isVariant = (value: unknown): value is Variant =>
  isObject(value) &&
  isObject(value.definition) &&
  typeof value.definition.flavor === 'string' &&
  Array.isArray(value.madeFrom);
const isInput = (value: unknown): value is PlaygroundInput =>
  isObject(value) && isObject(value.variables) && Array.isArray(value.messages) && value.messages.every(isObject);

/** What a link says; null where it was cut or is no link of ours. */
export async function readLink(text: string): Promise<PlaygroundState | null> {
  try {
    const bytes = await through(toBytes(text), new DecompressionStream('deflate-raw'));
    const [form, variants, inputs] = JSON.parse(new TextDecoder().decode(bytes)) as unknown[];
    if (form !== 1 || !Array.isArray(variants) || !Array.isArray(inputs)) return null;
    if (variants.length === 0 || inputs.length === 0) return null;
    return variants.every(isVariant) && inputs.every(isInput) ? { variants, inputs } : null;
  } catch {
    return null;
  }
}
