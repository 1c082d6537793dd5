import type { Vendor } from '../vendor.ts';
import { anthropic } from './anthropic.ts';
import { azureOpenai } from './azure-openai.ts';
import { bedrock } from './bedrock.ts';
import { gemini } from './gemini.ts';
import { hosted } from './hosted.ts';
import { locals } from './local.ts';
import { openai } from './openai.ts';
import { vertex } from './vertex.ts';

/** Every vendor that is known by name, the most asked for first. */
export const vendors: readonly Vendor[] = [
  openai,
  anthropic,
  gemini,
  bedrock,
  vertex,
  azureOpenai,
  ...hosted,
  ...locals,
];
