import { type AnswerFrame, codecOf, renameEdits, renameMembers } from '@wheelhouse/core/dialect';
import { type FlavorContext, ownRequest, parseChatRequest, prepareChat, type VendorChat } from '@wheelhouse/core/model';
import type { Dialect, ModelRequest, Provider, ProviderEndpoint } from '@wheelhouse/core/ports';
import {
  editJsonObject,
  isJsonObject,
  type JsonObject,
  jsonMemberText,
  type ModelVersion,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { RouteTarget, Target } from '@wheelhouse/core/route';
import type { CopyRoom } from './answer-copy.ts';
import { guessInputTokens, mostOutputTokens } from './estimate-tokens.ts';
import { modelOf, parseBody, streamOf, whoOf } from './read-body.ts';
import { isStepped, steppedTask } from './stepped-task.ts';
import { PassingStream, type Tap, TranslatedStream, WholeAnswer } from './tap.ts';
import type { Outgoing, Task } from './task.ts';

export type GenerateDeps = {
  context: FlavorContext;
  resolve(ref: string, body: JsonObject): Target;
  /** Seconds since 1970. */
  seconds(): number;
  newId(): string;
};

export type GenerateInput = {
  dialect: Dialect;
  text: string;
  /** Of the caller, for a vendor that speaks the same dialect; lower-case names. */
  headers: Record<string, string>;
  /** For dialects that name these in the path and not in the body. */
  named?: { model: string; stream: boolean };
  /**
   * Whose call it is, beside what the body says, where two versions share an alias; left out, the version that the alias is
   * at answers. `draw`: tells this request from others.
   */
  who?: () => { user: string | null; session: string | null; draw?: string };
};

const operations: Record<Dialect, Task['operation']> = {
  'openai-chat': 'chat',
  'openai-responses': 'chat',
  'anthropic-messages': 'chat',
  'bedrock-converse': 'chat',
  'openai-completions': 'text_completion',
  gemini: 'generate_content',
};

/** Where a vendor has several, the one that loses least. A text completion takes no conversation. */
const translatedTo: readonly Dialect[] = [
  'openai-chat',
  'anthropic-messages',
  'gemini',
  'bedrock-converse',
  'openai-responses',
];

/** Streams of these say what they took only when they are asked to. */
const asksForUsage: ReadonlySet<Dialect> = new Set(['openai-chat', 'openai-completions']);

function endpointOf({ endpoints, name }: Provider, dialect: Dialect): ProviderEndpoint {
  for (const wanted of [dialect, ...translatedTo]) {
    const found = endpoints.find((endpoint) => endpoint.dialect === wanted);
    if (found) return found;
  }
  throw new WheelhouseError('unsupported_by_model', `${name} answers no conversations.`, { param: 'model' });
}

const includeUsage = (body: JsonObject): boolean =>
  isJsonObject(body.stream_options) && body.stream_options.include_usage === true;

/** A request of one dialect, with what a registered version adds to it. */
class Generation {
  readonly dialect: Dialect;
  readonly text: string;
  readonly body: JsonObject;
  readonly target: Target;
  readonly streamed: boolean;
  readonly #deps: GenerateDeps;
  readonly #headers: Record<string, string>;
  #normal: ModelRequest | null = null;
  #prepared: { vendorModel: string; chat: VendorChat } | null = null;

  constructor(deps: GenerateDeps, { dialect, text, headers, named }: GenerateInput) {
    const body = dialect === 'openai-chat' ? parseChatRequest(text).body : parseBody(text);
    this.dialect = dialect;
    this.text = text;
    this.body = body;
    this.target = deps.resolve(named?.model ?? modelOf(body), body);
    this.streamed = named?.stream ?? streamOf(body);
    this.#deps = deps;
    this.#headers = headers;
  }

  #chat(vendorModel: string): VendorChat {
    if (this.#prepared?.vendorModel === vendorModel) return this.#prepared.chat;
    const { text, body, target } = this;
    const { ref, version } = target;
    const chat = prepareChat({ text, body }, { ref, version, vendorModel }, this.#deps.context);
    this.#prepared = { vendorModel, chat };
    return chat;
  }

  /** As it is asked, the version's part included, for the span. */
  asked(): { body: JsonObject; text: string } {
    if (this.dialect === 'openai-chat') return this.#chat(this.target.vendorModel);
    if (this.target.version === null) return this;
    const normal = this.normal();
    try {
      const body = codecOf(this.dialect).writeRequest(normal, { refuses: [], needsMaxTokens: normal.maxTokens });
      return { body, text: JSON.stringify(body) };
    } catch {
      // What the version adds may have no word in this dialect; a target of another may take it nevertheless.
      return this;
    }
  }

  normal(): ModelRequest {
    this.#normal ??= this.#readNormal();
    return this.#normal;
  }

  #readNormal(): ModelRequest {
    const { dialect, target, streamed } = this;
    if (dialect === 'openai-chat')
      return { ...codecOf(dialect).readRequest(this.#chat(target.vendorModel).body), stream: streamed };
    const { variables, ...body } = this.body;
    const request = { ...codecOf(dialect).readRequest(body), model: target.vendorModel, stream: streamed };
    if (target.version === null) return request;
    return withVersion(request, this.#own(target.version, isJsonObject(variables) ? variables : {}));
  }

  /** What the version says by itself, as a request. */
  #own(version: ModelVersion, variables: JsonObject): ModelRequest {
    const { ref } = this.target;
    const { messages, parameters } = ownRequest(version, variables, { name: ref, ...this.#deps.context });
    return codecOf('openai-chat').readRequest({ ...parameters, model: ref, messages });
  }

  /** Asked for here alone, so that the caller does not get it. */
  get #addedUsage(): boolean {
    return this.streamed && asksForUsage.has(this.dialect) && !includeUsage(this.body);
  }

  compose(provider: Provider, { vendorModel }: RouteTarget): Outgoing {
    const endpoint = endpointOf(provider, this.dialect);
    const passes = endpoint.dialect === this.dialect;
    const keepsBytes = passes && (this.dialect === 'openai-chat' || this.target.version === null);
    const text = keepsBytes ? this.#passing(endpoint, vendorModel) : this.#translated(endpoint, vendorModel);
    return {
      method: 'POST',
      path: endpoint.path(vendorModel, { stream: this.streamed }),
      headers: this.#headersTo(passes),
      body: Buffer.from(text),
      dialect: endpoint.dialect,
      streamed: this.streamed,
      passes,
      tap: (streamed, room) => this.#tap(endpoint.dialect, streamed, room),
    };
  }

  #headersTo(passes: boolean): Record<string, string> {
    const headers: Record<string, string> = passes ? { ...this.#headers } : {};
    headers['content-type'] = 'application/json';
    headers.accept = this.streamed ? 'text/event-stream' : 'application/json';
    headers['accept-encoding'] = 'identity';
    return headers;
  }

  /** The caller's own bytes, but for the model's name and what this vendor calls otherwise. */
  #passing({ capabilities }: ProviderEndpoint, vendorModel: string): string {
    const sent = this.dialect === 'openai-chat' ? this.#chat(vendorModel) : this.#plain(vendorModel);
    if (capabilities.renames === undefined) return sent.text;
    const edits = renameEdits(sent.body, capabilities, (key) => jsonMemberText(sent.text, key));
    return edits.size === 0 ? sent.text : editJsonObject(sent.text, edits);
  }

  #plain(vendorModel: string): { text: string; body: JsonObject } {
    const { text, body } = this;
    const edits = new Map<string, string | null>();
    if (body.model !== undefined && body.model !== vendorModel) edits.set('model', JSON.stringify(vendorModel));
    if (this.#addedUsage) {
      const options = isJsonObject(body.stream_options) ? body.stream_options : {};
      edits.set('stream_options', JSON.stringify({ ...options, include_usage: true }));
    }
    return { text: edits.size === 0 ? text : editJsonObject(text, edits), body };
  }

  #translated({ dialect, capabilities }: ProviderEndpoint, vendorModel: string): string {
    const request = { ...this.normal(), model: vendorModel };
    const body = renameMembers(codecOf(dialect).writeRequest(request, capabilities), capabilities);
    return JSON.stringify(body);
  }

  #tap(from: Dialect, streamed: boolean, room: CopyRoom): Tap {
    if (from === this.dialect)
      return streamed
        ? new PassingStream(from, { dropUsage: this.#addedUsage, room })
        : new WholeAnswer({ dialect: from, translate: null });
    const frame = this.#frame();
    if (streamed) return new TranslatedStream({ from, to: this.dialect, frame }, room);
    const translate = (body: JsonObject) => codecOf(this.dialect).writeAnswer(codecOf(from).readAnswer(body), frame);
    return new WholeAnswer({ dialect: from, translate });
  }

  #frame(): AnswerFrame {
    return {
      model: this.target.ref,
      created: this.#deps.seconds(),
      id: this.#deps.newId(),
      includeUsage: includeUsage(this.body),
      request: this.normal(),
    };
  }
}

/** The version's messages stand first, and its parameters where the caller gave none. */
function withVersion(request: ModelRequest, own: ModelRequest): ModelRequest {
  const merged: ModelRequest = { ...own };
  for (const key of Object.keys(request) as (keyof ModelRequest)[])
    if (request[key] !== null) Object.assign(merged, { [key]: request[key] });
  return {
    ...merged,
    messages: [...own.messages, ...request.messages],
    tools: request.tools.length === 0 ? own.tools : request.tools,
    output: request.output.type === 'text' ? own.output : request.output,
    stop: request.stop.length === 0 ? own.stop : request.stop,
    metadata: { ...own.metadata, ...request.metadata },
    extra: { ...own.extra, ...request.extra },
  };
}

/**
 * A call to a conversational endpoint, in any dialect.
 * @throws WheelhouseError `invalid_json`, `invalid_request`, `model_not_found`, `signature_mismatch`
 */
export function generateTask(deps: GenerateDeps, input: GenerateInput): Task {
  const generation = new Generation(deps, input);
  const { target, body, streamed, text } = generation;
  const { version } = target;
  if (isStepped(version))
    return steppedTask(
      { dialect: input.dialect, body, text, target, streamed, version },
      { created: deps.seconds(), id: deps.newId() },
    );
  const asked = generation.asked();
  const who = whoOf(body);
  return {
    operation: operations[input.dialect],
    target,
    streamed,
    tokens: { input: guessInputTokens(text), output: mostOutputTokens(asked.body) },
    user: who.user,
    session: who.session,
    metadata: who.metadata,
    asked: {
      dialect: input.dialect,
      body: asked.body,
      text: asked.text,
      // The version's own messages are part of what was asked; a dataset wants what the caller sent.
      input:
        target.version === null
          ? null
          : { messages: body.messages ?? body.input ?? [], variables: body.variables ?? {} },
    },
    compose: (provider, to) => generation.compose(provider, to),
  };
}
