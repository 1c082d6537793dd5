const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An example's input as a line of text: the last message when it has messages, else the text or the JSON. */
export function inputText(input: unknown): string {
  if (typeof input === 'string') return input;
  const messages = isObject(input) ? input.messages : null;
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : null;
  return isObject(last) && typeof last.content === 'string' ? last.content : (JSON.stringify(input) ?? '');
}
