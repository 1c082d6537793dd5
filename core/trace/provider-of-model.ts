/** Models that their vendor alone makes, by how their names begin; the providers' names are those of the GenAI conventions. */
const families: readonly (readonly [RegExp, string])[] = [
  [/^(?:ft:)?(?:gpt-(?!oss)|chatgpt-|o[134](?:-|$)|text-embedding-|davinci-|babbage-)/, 'openai'],
  [/^claude-/, 'anthropic'],
  [/^gemini-/, 'gcp.gemini'],
  [/^(?:mistral|ministral|codestral|magistral|pixtral|devstral)-/, 'mistral_ai'],
  [/^(?:command-|embed-(?:english|multilingual)-|rerank-)/, 'cohere'],
  [/^deepseek-/, 'deepseek'],
  [/^grok-/, 'x_ai'],
];

/**
 * Who sells a model, where a client names the model alone. null for open weights, which many serve at prices of their own.
 */
export function providerOfModel(model: string | null): string | null {
  const name = model?.toLowerCase() ?? '';
  return families.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
