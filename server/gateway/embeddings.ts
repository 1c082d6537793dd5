import {
  type EmbeddingRequest,
  readEmbeddingAnswers,
  readEmbeddingRequest,
  writeEmbeddingAnswer,
  writeEmbeddingRequests,
} from '@wheelhouse/core/dialect';
import type { Dialect, EmbeddingEndpoint, Provider } from '@wheelhouse/core/ports';
import { editJsonObject, isJsonObject, type JsonObject, WheelhouseError } from '@wheelhouse/core/records';
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

function bodiesFor({ text, body, request }: Asked, endpoint: EmbeddingEndpoint, vendorModel: string): string[] {
  if (endpoint.dialect !== 'openai')
    return writeEmbeddingRequests({ ...request, model: vendorModel }, endpoint.dialect).map((one) =>
      JSON.stringify(one),
    );
  if (body.model === vendorModel) return [text];
  return [editJsonObject(text, new Map([['model', JSON.stringify(vendorModel)]]))];
}

const listed = ({ answers }: JsonObject): JsonObject[] => (Array.isArray(answers) ? answers.filter(isJsonObject) : []);

/** @param several whether the answer is a list of answers, one of each request */
function tapFor(
  { request, target }: Asked,
  endpoint: EmbeddingEndpoint,
  to: { vendorModel: string; several: boolean },
): Tap {
  const { dialect } = endpoint;
  if (dialect === 'openai') return new OpenAiVectors(request, target.ref);
  const own = { ...request, model: to.vendorModel };
  const translate = (answer: JsonObject) => {
    const answers = to.several ? listed(answer) : [answer];
    return writeEmbeddingAnswer(readEmbeddingAnswers(answers, { dialect, request: own }), {
      request,
      model: target.ref,
    });
  };
  return new WholeAnswer({ dialect: dialects[dialect], translate, recordsMade: 'openai-chat' });
}

function compose(asked: Asked, provider: Provider, { vendorModel }: RouteTarget): Outgoing {
  const endpoint = provider.embeddings;
  if (endpoint === null)
    throw new WheelhouseError('unsupported_by_model', `${provider.name} makes no embeddings.`, { param: 'model' });
  const bodies = bodiesFor(asked, endpoint, vendorModel).map((text) => Buffer.from(text));
  const [only = null, ...more] = bodies;
  const several = more.length > 0;
  return {
    method: 'POST',
    path: endpoint.path(vendorModel),
    headers: { 'content-type': 'application/json', accept: 'application/json', 'accept-encoding': 'identity' },
    body: only,
    ...(several ? { bodies } : {}),
    dialect: dialects[endpoint.dialect],
    streamed: false,
    passes: endpoint.dialect === 'openai',
    tap: () => tapFor(asked, endpoint, { vendorModel, several }),
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
    tokens: { input: guessInputTokens(text), output: 0 },
    ...whoOf(body),
    asked: { dialect: null, body, text, input: null },
    compose: (provider, to) => compose(asked, provider, to),
  };
}
