import {
  type Adapter,
  type AnyModule,
  type ChatMessage,
  candidateOf,
  chatAdapter,
  predictorsOf,
  tunedSignature,
} from '../../program/index.ts';
import { uniformFrom } from '../../stats/index.ts';
import { shuffled } from '../draws.ts';
import { isGood } from '../few-shot/demonstrations.ts';
import type { CompileState, RunEntry } from '../state.ts';

/** A conversation to train a model on, as vendors take it, a line of JSON each. */
export type FinetuneRow = { messages: ChatMessage[] };

/** Of each row the first run that is good enough. */
function goodRuns({ entries }: CompileState, threshold: number | null): RunEntry[] {
  const found = new Map<string, RunEntry>();
  for (const entry of entries) {
    if (entry.kind !== 'run' || entry.calls === undefined || !isGood(entry, threshold)) continue;
    const row = entry.key.split(':').at(-3) ?? entry.key;
    if (!found.has(row)) found.set(row, entry);
  }
  return [...found.values()];
}

/**
 * Conversations of each predictor, by its path, out of the runs on training rows that scored well enough: as the program asks,
 * in the same form and without demonstrations, answered as in that run (BootstrapFinetune; Khattab et al. 2023). No row that
 * is held out or for validation is among them.
 * @param program as it is to be asked after the training
 */
export function finetuneRows(
  program: AnyModule,
  state: CompileState,
  {
    threshold = null,
    adapter = chatAdapter,
    seed = 0,
  }: { threshold?: number | null; adapter?: Adapter; seed?: number } = {},
): Record<string, FinetuneRow[]> {
  const candidate = candidateOf(program);
  const runs = shuffled(goodRuns(state, threshold), uniformFrom(seed));
  return Object.fromEntries(
    [...predictorsOf(program)].map(([path, of]) => {
      const signature = tunedSignature(of, candidate[path] ?? {});
      const rows = runs.flatMap(({ calls = [] }) =>
        calls.flatMap(({ path: at, input, output, kept }): FinetuneRow[] => {
          if (at !== path || output === null || !kept) return [];
          const demos = [{ values: { ...input, ...output } }];
          const [system, , answer, question] = adapter.format({ signature, demos, input });
          return system && answer && question ? [{ messages: [system, question, answer] }] : [];
        }),
      );
      return [path, rows];
    }),
  );
}
