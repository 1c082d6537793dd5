import { expect, it } from 'vitest';
import type { JsonObject } from './json.ts';
import { serviceTierOf } from './service-tier.ts';

const tier = (attributes: JsonObject, params: JsonObject | null = null) => serviceTierOf({ attributes, params });

it.each([
  ['nothing', {}, null, null],
  ['what was asked for', {}, { service_tier: 'flex' }, 'flex'],
  ['an ordinary call', {}, { service_tier: 'auto' }, null],
  [
    'an answer before what was asked for',
    { 'openai.response.service_tier': 'default' },
    { service_tier: 'priority' },
    null,
  ],
  ['an answer in the older name', { 'gen_ai.openai.response.service_tier': 'Priority' }, null, 'priority'],
  ['an attribute of the request', { 'gen_ai.openai.request.service_tier': 'flex' }, null, 'flex'],
  ['AI SDK and OpenAI', { 'ai.response.providerMetadata': '{"openai":{"serviceTier":"flex"}}' }, null, 'flex'],
  [
    'AI SDK and Anthropic',
    { 'ai.response.providerMetadata': '{"anthropic":{"usage":{"service_tier":"batch"}}}' },
    null,
    'batch',
  ],
  ['other metadata', { 'ai.response.providerMetadata': '{"openai":{}}' }, { service_tier: 'flex' }, 'flex'],
  ['a tier that is no name', { 'gen_ai.response.service_tier': 7 }, { service_tier: 'x'.repeat(41) }, null],
])('reads %s', (_, attributes, params, expected) => {
  expect(tier(attributes as JsonObject, params)).toBe(expected);
});
