import { z } from 'zod';
import type { Json, JsonObject } from '../../records/index.ts';

export const json = z.unknown() as z.ZodType<Json>;
export const jsonObject = z.record(z.string(), z.unknown()) as z.ZodType<JsonObject>;

export const baseModelName = z
  .string()
  .min(1)
  .max(200)
  .describe('`provider/model`, for example `openai/gpt-4o-mini` or `sim/echo`, or the name of a route');

export const modelRef = z.string().min(1).max(200).describe('`name@alias`, `name@2`, a route, or `provider/model`');

export const template = z
  .string()
  .max(200_000)
  .describe('A Mustache template; values are inserted as they are, never parsed again');

/** Of OpenAI's chat, for a base model. */
export const parameters = jsonObject
  .default({})
  .describe('Request members such as `temperature`, `tools`, `response_format`; what the caller sends wins');
