import {
  type EmbeddingRequest,
  readEmbeddingAnswers,
  readEmbeddingRequest,
  writeEmbeddingAnswer,
  writeEmbeddingRequests,
} from '@wheelhouse/core/dialect';
import type { Dialect, EmbeddingEndpoint, Provider } from '@wheelhouse/core/ports';
import { editJsonObject, type JsonObject, WheelhouseError } from '@wheelhouse/core/records';
import type { RouteTarget, Target } from '@wheelhouse/core/route';
import { guessInputTokens } from './estimate-tokens.ts';
import { modelOf, parseBody, whoOf } from './read-body.ts';
import { type Tap, WholeAnswer } from './tap.ts';
import type { Outgoing, Task } from './task.ts';

/** Whose words failures of these are. */
const dialects: Record<EmbeddingEndpoint['dialect'], Dialect> = {
  openai: 'openai-chat',
  gemini: 'gemini',
  bedrock: 'bedrock-converse',
};

const someVector = /"embedding"\s*:\s*(["[])/;

/** Passes on what OpenAI's dialect answers; its clients break on numbers where they asked for base64. */
class OpenAiVectors extends WholeAnswer {
  readonly #request: EmbeddingRequest;
  readonly #model: string;

  constructor(request: EmbeddingRequest, model: string) {
    super({ dialect: 'openai-chat', translate: null });
    this.#request = request;
    this.#model = model;
  }

  override end(): Buffer | null {
    const bytes = super.end();
    if (bytes === null || this.#request.encoding === 'float') return bytes;
    const [, sign] = someVector.exec(bytes.toString('latin1', 0, 1_000)) ?? [];
    if (sign !== '[') return bytes;
    const body = JSON.parse(bytes.toString('utf8')) as JsonObject;
    const answer = readEmbeddingAnswers([body], { dialect: 'openai', request: this.#request });
    return Buffer.from(JSON.stringify(writeEmbeddingAnswer(answer, { request: this.#request, model: this.#model })));
  }
}

type Asked = { text: string; body: JsonObject; request: EmbeddingRequest; target: Target };

function bodyFor({ text, body, request }: Asked, endpoint: EmbeddingEndpoint, vendorModel: string): string {
  if (endpoint.dialect === 'openai')
    return body.model === vendorModel ? text : editJsonObject(text, new Map([['model', JSON.stringify(vendorModel)]]));
  const [first, ...more] = writeEmbeddingRequests({ ...request, model: vendorModel }, endpoint.dialect);
  if (first === undefined || more.length > 0)
    throw new WheelhouseError('unsupported_by_model', `\`${vendorModel}\` takes one text a call.`, {
      param: 'input',
      hint: 'Send one text a request, or call a model that takes a list.',
    });
  return JSON.stringify(first);
}

function tapFor({ request, target }: Asked, dialect: EmbeddingEndpoint['dialect'], vendorModel: string): Tap {
  if (dialect === 'openai') return new OpenAiVectors(request, target.ref);
  const own = { ...request, model: vendorModel };
  const translate = (answer: JsonObject) =>
    writeEmbeddingAnswer(readEmbeddingAnswers([answer], { dialect, request: own }), { request, model: target.ref });
  return new WholeAnswer({ dialect: dialects[dialect], translate, recordsMade: 'openai-chat' });
}

function compose(asked: Asked, provider: Provider, { vendorModel }: RouteTarget): Outgoing {
  const endpoint = provider.embeddings;
  if (endpoint === null)
    throw new WheelhouseError('unsupported_by_model', `${provider.name} makes no embeddings.`, { param: 'model' });
  return {
    method: 'POST',
    path: endpoint.path(vendorModel),
    headers: { 'content-type': 'application/json', accept: 'application/json', 'accept-encoding': 'identity' },
    body: Buffer.from(bodyFor(asked, endpoint, vendorModel)),
    dialect: dialects[endpoint.dialect],
    streamed: false,
    passes: endpoint.dialect === 'openai',
    tap: () => tapFor(asked, endpoint.dialect, vendorModel),
  };
}

/**
 * A call to OpenAI's embeddings endpoint.
 * @throws WheelhouseError `invalid_json`, `invalid_request`, `model_not_found`
 */
export function embeddingsTask(text: string, resolve: (ref: string) => Target): Task {
  const body = parseBody(text);
  const target = resolve(modelOf(body));
  if (target.version !== null)
    throw new WheelhouseError('invalid_request', `\`${target.ref}\` is a prompt, which makes no embeddings.`, {
      param: 'model',
    });
  const asked: Asked = { text, body, target, request: readEmbeddingRequest(body) };
  return {
    operation: 'embeddings',
    target,
    streamed: false,
    bytes: text.length,
    tokens: { input: guessInputTokens(text), output: 0 },
    ...whoOf(body),
    asked: { dialect: null, body, input: null },
    compose: (provider, to) => compose(asked, provider, to),
  };
}
