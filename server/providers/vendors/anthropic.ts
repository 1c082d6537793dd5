import { fixedEndpoint, openAiLike } from '../vendor.ts';

/** Every answer must be bounded; 8,192 tokens is what all of its models can write. */
const mostTokens = 8192;

/** https://docs.claude.com/en/api/messages */
export const anthropic = openAiLike({
  name: 'anthropic',
  title: 'Anthropic',
  baseUrl: 'https://api.anthropic.com/v1',
  baseUrlVariable: 'ANTHROPIC_BASE_URL',
  baseUrlSuffix: '/v1',
  auth: { type: 'header', name: 'x-api-key' },
  keyVariables: ['ANTHROPIC_API_KEY'],
  headers: { 'anthropic-version': '2023-06-01' },
  endpoints: [fixedEndpoint('anthropic-messages', '/messages', { needsMaxTokens: mostTokens })],
});
