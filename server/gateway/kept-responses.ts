import type { IncomingMessage } from 'node:http';
import { readSseEvents, responseInput, responsesNamed, withConversation } from '@wheelhouse/core/dialect';
import type { Random, ResponseState, StoredResponse } from '@wheelhouse/core/ports';
import {
  type Caller,
  isJsonObject,
  type Json,
  type JsonObject,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { AnswerCopy } from './answer-copy.ts';
import { inForeground, isPending, queued } from './background.ts';
import type { EndedCall } from './ended-call.ts';
import type { Head, Outlet } from './outlet.ts';
import { parseBody } from './read-body.ts';

/** As OpenAI keeps them. */
const keptMs = 30 * 24 * 3_600 * 1_000;
/** Longer conversations are refused rather than read. */
const longestChain = 500;

/** Whether a request may lean on what was said before. */
const leans = /"(?:previous_response_id|item_reference)"/;

const noResponse = (id: string) =>
  new WheelhouseError('not_found', `There is no response \`${id.slice(0, 80)}\`.`, {
    hint: 'Responses are kept for 30 days, unless `store` is false.',
  });

const outputOf = ({ body }: StoredResponse): Json[] => (Array.isArray(body.output) ? body.output : []);

/** The last whole response that an answer tells; null: it has none. */
function responseIn(bytes: Buffer, streamed: boolean): JsonObject | null {
  const texts = streamed
    ? readSseEvents(bytes)
        .filter(({ data }) => /"response\.(?:completed|incomplete)"/.test(data))
        .map(({ data }) => data)
    : [bytes.toString('utf8')];
  const last = texts.at(-1);
  if (last === undefined) return null;
  const told: unknown = JSON.parse(last);
  const response = streamed && isJsonObject(told) ? told.response : told;
  return isJsonObject(response) && typeof response.id === 'string' ? response : null;
}

/** Passes an answer on and, once it has been served well, hands on all of it. */
class Reading implements Outlet {
  readonly #outlet: Outlet;
  readonly #keep: (bytes: Buffer, streamed: boolean) => void;
  readonly #copy = new AnswerCopy();
  #head: Head | null = null;

  constructor(outlet: Outlet, keep: (bytes: Buffer, streamed: boolean) => void) {
    this.#outlet = outlet;
    this.#keep = keep;
  }

  start(head: Head): void {
    this.#head = head;
    this.#outlet.start(head);
  }

  write(chunk: Buffer): boolean {
    this.#copy.add(chunk);
    return this.#outlet.write(chunk);
  }

  end(): void {
    this.#outlet.end();
    const { bytes, cut } = this.#copy.read({ dialect: null, streamed: false, asSent: true });
    const head = this.#head;
    // The last event of a stream says all of it again.
    if (head?.status === 200 && (head.streamed || !cut)) this.#keep(bytes, head.streamed);
  }

  fail(...failure: Parameters<Outlet['fail']>): void {
    this.#outlet.fail(...failure);
  }

  over(call: EndedCall): void {
    this.#outlet.over(call);
  }
}

/** Responses that callers come back to, whichever vendor made them. */
export function createKeptResponses(state: ResponseState, { nowMs, random }: { nowMs(): number; random: Random }) {
  async function chain(project: ProjectId, id: string): Promise<StoredResponse[] | null> {
    const found: StoredResponse[] = [];
    for (let next: string | null = id; next !== null; ) {
      const response: StoredResponse | null = await state.read(project, next);
      if (response === null) return found.length === 0 ? null : found.reverse();
      if (isPending(response))
        throw new WheelhouseError('conflict', `The response \`${next}\` is still being made.`, {
          param: 'previous_response_id',
          hint: `GET /v1/responses/${next} says when it is there.`,
        });
      found.push(response);
      if (found.length > longestChain)
        throw new WheelhouseError('invalid_request', `The conversation has more than ${longestChain} responses.`, {
          param: 'previous_response_id',
        });
      next = response.previousId;
    }
    return found.reverse();
  }

  const turnOf = (response: StoredResponse) => ({ input: response.input, output: outputOf(response) });

  /** The request with what it leans on; what is not kept here is left to the vendor, who may have kept it. */
  async function whole(project: ProjectId, text: string): Promise<string> {
    if (!leans.test(text)) return text;
    const body = parseBody(text);
    const previous = typeof body.previous_response_id === 'string' ? body.previous_response_id : null;
    const names = responsesNamed(body);
    if (previous === null && names.length === 0) return text;
    const before = previous === null ? [] : await chain(project, previous);
    const named = (await Promise.all(names.map((id) => state.read(project, id)))).filter((one) => one !== null);
    if (before === null || (before.length === 0 && named.length === 0)) return text;
    return JSON.stringify(withConversation(body, { before: before.map(turnOf), named: named.map(turnOf) }));
  }

  /** An outlet that keeps the answer to this request. */
  function keeping(project: ProjectId, text: string, outlet: Outlet): Outlet {
    return new Reading(outlet, (bytes, streamed) => {
      const asked = parseBody(text);
      const response = asked.store === false ? null : responseIn(bytes, streamed);
      if (response === null) return;
      const id = String(response.id);
      const previousId = typeof asked.previous_response_id === 'string' ? asked.previous_response_id : null;
      const createdAtMs = nowMs();
      const body = { ...response, previous_response_id: previousId, store: true };
      const input = responseInput(asked, id);
      state.keep(project, { id, body, input, previousId, createdAtMs, expiresAtMs: createdAtMs + keptMs });
    });
  }

  /** Has the answer made in the background. @param text whole; @param check throws what no model could answer */
  async function begin(by: Caller, given: string, text: string, check: (text: string) => void): Promise<JsonObject> {
    const id = Buffer.from(random.bytes(24)).toString('hex');
    const response = queued(given, { id, nowMs: nowMs(), keptMs });
    const request = inForeground(text);
    check(request);
    await state.begin(by, response, request);
    return response.body;
  }

  function page(items: Json[], req: IncomingMessage): JsonObject {
    const query = new URL(req.url ?? '/', 'http://local').searchParams;
    const limit = Number(query.get('limit') ?? 20);
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= 100))
      throw new WheelhouseError('invalid_request', '`limit` takes a whole number from 1 to 100.', { param: 'limit' });
    const idOf = (item: Json | undefined) => (isJsonObject(item) && typeof item.id === 'string' ? item.id : null);
    const ordered = query.get('order') === 'asc' ? items : [...items].reverse();
    const after = query.get('after');
    const start = after === null ? 0 : ordered.findIndex((item) => idOf(item) === after) + 1;
    const data = ordered.slice(start, start + limit);
    const more = start + limit < ordered.length;
    return { object: 'list', data, first_id: idOf(data[0]), last_id: idOf(data.at(-1)), has_more: more };
  }

  async function cancel(project: ProjectId, found: StoredResponse): Promise<JsonObject> {
    if (found.body.background !== true)
      throw new WheelhouseError('invalid_request', 'Only responses in the background can be cancelled.', {
        hint: 'Close the connection to end a response that is being made.',
      });
    return ((await state.cancel(project, found.id)) ?? found).body;
  }

  function whenAsked({ body }: StoredResponse, req: IncomingMessage): JsonObject {
    const { searchParams } = new URL(req.url ?? '/', 'http://local');
    if (searchParams.get('stream') === 'true')
      throw new WheelhouseError('invalid_request', 'A stored response is not streamed here.', {
        param: 'stream',
        hint: 'Leave `stream` out; `status` says whether it is whole.',
      });
    return body;
  }

  /** `/v1/responses/{id}` and what is below. */
  async function answer(req: IncomingMessage, project: ProjectId, path: string): Promise<JsonObject> {
    const [id = '', below] = path.slice('/v1/responses/'.length).split('/', 2);
    const found = await state.read(project, id);
    if (found === null) throw noResponse(id);
    if (below === undefined && req.method === 'GET') return whenAsked(found, req);
    if (below === undefined && req.method === 'DELETE') {
      await state.remove(project, id);
      return { id, object: 'response', deleted: true };
    }
    if (below === 'input_items' && req.method === 'GET') {
      const before = found.previousId === null ? [] : ((await chain(project, found.previousId)) ?? []);
      return page([...before.flatMap((one) => [...one.input, ...outputOf(one)]), ...found.input], req);
    }
    if (below === 'cancel' && req.method === 'POST') return cancel(project, found);
    throw new WheelhouseError('method_not_allowed', `${path} takes no ${req.method}.`);
  }

  return { whole, keeping, begin, answer };
}

export type KeptResponses = ReturnType<typeof createKeptResponses>;
