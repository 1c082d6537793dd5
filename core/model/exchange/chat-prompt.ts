import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '../../records/index.ts';
import { type PromptDefinition, promptDefinition } from '../flavors/prompt/index.ts';
import { literalTemplate } from '../template/write-template.ts';

/** Members of a chat request that no version says. */
const notOwn = new Set(['model', 'messages', 'stream', 'stream_options', 'variables', 'user', 'metadata']);

function literalContent(content: Json): Json {
  if (typeof content === 'string') return literalTemplate(content);
  if (!Array.isArray(content)) return content;
  return content.map((part): Json => {
    if (!isJsonObject(part)) return part;
    if (part.type === 'text' && typeof part.text === 'string')
      return { type: 'text', text: literalTemplate(part.text) };
    const image = part.image_url;
    if (part.type !== 'image_url' || !isJsonObject(image) || typeof image.url !== 'string') return part;
    return { type: 'image_url', image_url: { ...image, url: literalTemplate(image.url) } };
  });
}

/**
 * A request in OpenAI's form as a prompt that says exactly that, with no variable in it; what looks like one in its texts
 * stays text.
 * @throws WheelhouseError `invalid_request` for a message that no prompt has, such as the answer of a tool
 */
export function promptOfChat(body: JsonObject): PromptDefinition {
  const messages = Array.isArray(body.messages) ? body.messages : [];
  const parameters = Object.fromEntries(Object.entries(body).filter(([name]) => !notOwn.has(name)));
  const read = promptDefinition.safeParse({
    flavor: 'prompt',
    baseModel: body.model,
    messages: messages.map((message) =>
      isJsonObject(message) ? { ...message, content: literalContent(message.content ?? null) } : message,
    ),
    parameters,
  });
  if (read.success) return read.data;
  const path = read.error.issues[0]?.path.join('.') ?? '';
  throw new WheelhouseError('invalid_request', `\`${path}\` has no place in a prompt.`, {
    param: path,
    hint: 'A prompt has system, developer, user and assistant messages of text and images.',
  });
}
