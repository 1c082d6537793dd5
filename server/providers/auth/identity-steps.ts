import { readFile } from 'node:fs/promises';
import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '@wheelhouse/core/records';
import { jsonOf, type SmallAnswer, type SmallRequest } from '../small-request.ts';

/** Variables of the vendors' own SDKs, as the operator set them. */
export type IdentityVariables = Readonly<Record<string, string | undefined>>;

export type IdentityDeps = { request: SmallRequest; env: IdentityVariables; nowMs(): number };

/** What a request is let in with, and when it ends. */
export type Issued<T> = { value: T; endsMs: number };

/** One way to an identity. null: nothing says that it is meant. */
export type Step<T> = { name: string; issue(deps: IdentityDeps): Promise<Issued<T> | null> };

/** Metadata servers answer at once or are not there. */
export const metadataWaitMs = 2_000;

export const refused = (reason: string) => new WheelhouseError('upstream_key_missing', reason);

export async function textOfFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw refused(`${path} cannot be read: ${cause.code ?? cause.message}`);
  });
  return text.trim();
}

/** @throws WheelhouseError when it is not 200, or no JSON object; what it says is a token's, so none of it is repeated */
export function objectIn(answer: SmallAnswer, where: string): JsonObject {
  const body = jsonOf(answer);
  if (answer.status !== 200) {
    const said = isJsonObject(body) ? body.error : null;
    throw refused(`${where} answered ${answer.status}${isCode(said) ? ` ${said}` : ''}`);
  }
  if (!isJsonObject(body)) throw refused(`${where} answered no JSON object`);
  return body;
}

/** A word that stands for what went wrong, and can be shown. */
const isCode = (value: Json | undefined): value is string => typeof value === 'string' && /^[\w.-]{1,60}$/.test(value);

/** A text that can stand in a header: what comes from elsewhere must not add one. */
export function wordIn(from: JsonObject, name: string, where: string): string {
  const value = from[name];
  if (typeof value === 'string' && /^[\x21-\x7e]{1,32768}$/.test(value)) return value;
  throw refused(`${where} gave no usable \`${name}\``);
}

/** Seconds from now on, as a number or its text. */
export function endAfter(from: JsonObject, name: string, nowMs: number): number {
  const seconds = Number(from[name]);
  return Number.isFinite(seconds) && seconds > 0 ? nowMs + seconds * 1_000 : nowMs;
}

/** @throws WheelhouseError with the name of the variable */
export function addressIn(variable: string, text: string): URL {
  if (URL.canParse(text) && /^https?:/.test(text)) return new URL(text);
  throw refused(`${variable} is no http or https address`);
}

/** Refreshed so long before it ends; the one before serves meanwhile. */
const aheadMs = 5 * 60_000;
/** Not used any more so shortly before it ends, so that none ends on its way. */
const marginMs = 30_000;
/** After a failure the metadata server is left alone for a moment. */
const pauseMs = 1_000;

/** An identity that is kept, refreshed ahead, and asked for by one at a time. */
export class Identity<T> {
  readonly #vendor: string;
  readonly #steps: readonly Step<T>[];
  readonly #deps: IdentityDeps;
  #issued: Issued<T> | null = null;
  #asking: Promise<T> | null = null;
  #failure: { error: WheelhouseError; untilMs: number } | null = null;

  constructor(vendor: string, steps: readonly Step<T>[], deps: IdentityDeps) {
    this.#vendor = vendor;
    this.#steps = steps;
    this.#deps = deps;
  }

  /** null: {@link fetch} must be waited for. */
  ready(): T | null {
    const left = (this.#issued?.endsMs ?? 0) - this.#deps.nowMs();
    if (this.#issued === null || left <= marginMs) return null;
    // A failure is told when it is waited for.
    if (left <= aheadMs) this.fetch().catch(() => {});
    return this.#issued.value;
  }

  /** @throws WheelhouseError `upstream_key_missing`, with every step that was tried */
  fetch(): Promise<T> {
    const failure = this.#failure;
    if (failure !== null && this.#deps.nowMs() < failure.untilMs) return Promise.reject(failure.error);
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(): Promise<T> {
    const tried: string[] = [];
    for (const { name, issue } of this.#steps) {
      try {
        const issued = await issue(this.#deps);
        if (issued !== null) {
          this.#issued = issued;
          this.#failure = null;
          return issued.value;
        }
        tried.push(`${name} (not set)`);
      } catch (error) {
        // What is set is meant: another identity would be somebody else.
        tried.push(`${name} (${error instanceof Error ? error.message : String(error)})`);
        break;
      }
    }
    const error = new WheelhouseError(
      'upstream_key_missing',
      `This machine has no identity for ${this.#vendor}. Tried: ${tried.join(', ')}.`,
      { hint: 'docs/guides/vendors.md, "Without keys", says what each step needs.' },
    );
    this.#failure = { error, untilMs: this.#deps.nowMs() + pauseMs };
    throw error;
  }
}
