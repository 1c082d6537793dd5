import { canonicalJson, type Json } from '../../records/index.ts';

/** But for the sign and the point of a number: -1.5 and 15 are not one answer. */
const punctuation = /(?!(?<=\d)\.(?=\d)|(?<!\S)-(?=\.?\d))[!-/:-@[-`{-~]/g;

function normalizeText(text: string): string {
  const words = text.normalize('NFD').toLowerCase().replace(punctuation, '').replace(/\s+/g, ' ').trim();
  const bare = words
    .replace(/\b(?:a|an|the)\b/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return bare || words || text.trim();
}

/**
 * In lower case and without articles, punctuation and white space too many: texts that say the same answer are equal, also
 * within lists and objects. An answer that is nothing else stays as it is: `A` may be a choice. Numbers stay what they are.
 */
export function normalizeAnswer(value: unknown): string {
  if (typeof value === 'string') return normalizeText(value);
  const text = JSON.stringify(value, (_, one) => (typeof one === 'string' ? normalizeText(one) : one));
  return text === undefined ? '' : canonicalJson(JSON.parse(text) as Json);
}

/** A name of what has names; any where they are not known. */
export type FieldName<Values> = Values extends object ? keyof Values & string : string;

export type VoteOptions<Output = unknown> = {
  /** The output that is voted on; the last one unless said. */
  field?: FieldName<Output>;
  /** What makes two answers the same one; null: it is no vote. */
  normalize?: (value: unknown) => string | null;
};

/** What an output says, for a vote. */
export function ballotOf(
  output: unknown,
  { field, normalize = (value) => normalizeAnswer(value) || null }: VoteOptions,
) {
  if (typeof output !== 'object' || output === null) return normalize(output);
  const members = output as Record<string, unknown>;
  return normalize(members[field ?? Object.keys(members).at(-1) ?? '']);
}

/** How often each answer was given, in the order in which they first came. */
export function countVotes(ballots: readonly (string | null)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const ballot of ballots) if (ballot !== null) counts.set(ballot, (counts.get(ballot) ?? 0) + 1);
  return counts;
}

/** The answer with the most votes, of equals the first. null: nothing was voted for. */
export function winnerOf(counts: ReadonlyMap<string, number>): string | null {
  let winner: string | null = null;
  let most = 0;
  for (const [ballot, count] of counts)
    if (count > most) {
      winner = ballot;
      most = count;
    }
  return winner;
}

/** The first output that says what most say; null where there is none. */
export function majority<Output>(outputs: readonly Output[], options: VoteOptions<Output> = {}): Output | null {
  const ballots = outputs.map((output) => ballotOf(output, options as VoteOptions));
  const winner = winnerOf(countVotes(ballots));
  return outputs[winner === null ? 0 : ballots.indexOf(winner)] ?? null;
}
