import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '../records/index.ts';

/** How the simulated model behaves, from the member `sim` of a request over the defaults of the configuration. */
export type SimSettings = {
  /** Makes delays and failures repeatable; the same request and seed give the same answer. */
  seed: number;
  /** Milliseconds until the first token. */
  latencyMs: number;
  /** Milliseconds between chunks. */
  chunkMs: number;
  /** Unicode characters in a chunk. */
  chunkCharacters: number;
  /** Share of the delay that the seed varies, 0 to 1. */
  jitter: number;
  /** Probability that the call fails, 0 to 1. */
  failureRate: number;
  /** Status of a failure before the first token. */
  failureStatus: number;
  /** Cut the connection after so many chunks; null: never. */
  cutAfterChunks: number | null;
  /** Token counts to report instead of the estimate. */
  promptTokens: number | null;
  completionTokens: number | null;
  /** US dollars per million tokens; null: the configured price. */
  inputPrice: number | null;
  outputPrice: number | null;
  /** How often `sim/student` does what a rule of its instructions says, 0 to 1. */
  ruleFollowing: number;
  /** How often it does as demonstrations show, where no rule said what to do, 0 to 1. */
  demonstrationFollowing: number;
  /** How much less often it does either on the hardest question, 0 to 1; on others by how hard they are. */
  difficulty: number;
  /** How many of the rules that it comes upon it writes down when it is asked for instructions, 0 to 1. */
  insight: number;
};

export const defaultSimSettings: SimSettings = {
  seed: 0,
  latencyMs: 0,
  chunkMs: 0,
  chunkCharacters: 12,
  jitter: 0,
  failureRate: 0,
  failureStatus: 500,
  cutAfterChunks: null,
  promptTokens: null,
  completionTokens: null,
  inputPrice: null,
  outputPrice: null,
  ruleFollowing: 1,
  demonstrationFollowing: 1,
  difficulty: 0,
  insight: 1,
};

/** Member of the request, field of the settings, smallest and largest value. */
const members: [string, keyof SimSettings, number, number][] = [
  ['seed', 'seed', 0, Number.MAX_SAFE_INTEGER],
  ['latency_ms', 'latencyMs', 0, 600_000],
  ['chunk_ms', 'chunkMs', 0, 60_000],
  ['chunk_characters', 'chunkCharacters', 1, 100_000],
  ['jitter', 'jitter', 0, 1],
  ['failure_rate', 'failureRate', 0, 1],
  ['failure_status', 'failureStatus', 400, 599],
  ['cut_after_chunks', 'cutAfterChunks', 0, 1_000_000],
  ['prompt_tokens', 'promptTokens', 0, 1e9],
  ['completion_tokens', 'completionTokens', 0, 1e9],
  ['input_price', 'inputPrice', 0, 1e6],
  ['output_price', 'outputPrice', 0, 1e6],
  ['rule_following', 'ruleFollowing', 0, 1],
  ['demonstration_following', 'demonstrationFollowing', 0, 1],
  ['difficulty', 'difficulty', 0, 1],
  ['insight', 'insight', 0, 1],
];

/** @throws WheelhouseError `invalid_request` naming the member at fault */
export function readSimSettings(value: Json | undefined, defaults: SimSettings = defaultSimSettings): SimSettings {
  if (value === undefined || value === null) return defaults;
  if (!isJsonObject(value)) throw new WheelhouseError('invalid_request', '`sim` takes an object.', { param: 'sim' });
  const settings: Record<string, number | null> = { ...defaults };
  const known = new Set(members.map(([name]) => name));
  for (const name of Object.keys(value))
    if (!known.has(name))
      throw new WheelhouseError('invalid_request', `\`sim.${name}\` is not known.`, {
        param: `sim.${name}`,
        hint: `It takes ${[...known].join(', ')}.`,
      });
  for (const [name, field, low, high] of members) {
    const given = (value as JsonObject)[name];
    if (given === undefined) continue;
    if (typeof given !== 'number' || !(given >= low && given <= high))
      throw new WheelhouseError('invalid_request', `\`sim.${name}\` takes a number from ${low} to ${high}.`, {
        param: `sim.${name}`,
      });
    settings[field] = given;
  }
  return settings as SimSettings;
}
