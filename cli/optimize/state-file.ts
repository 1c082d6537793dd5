import { type FileHandle, open, readFile, rename, writeFile } from 'node:fs/promises';
import type { CompileState } from '@wheelhouse/sdk/program';

/** Beside the definition: `triage.program.ts` is `triage.state.jsonl`. */
export const statePath = (definitionPath: string): string =>
  `${definitionPath.replace(/(\.program)?\.[cm]?[jt]sx?$/, '')}.state.jsonl`;

/** `record`: what the server calls the optimization. */
type Head = Pick<CompileState, 'version' | 'plan'> & { record?: string };
type KeptState = Head & CompileState;

/** What an earlier run wrote, up to a line that a kill cut off; null: there is nothing. */
export async function readStateFile(path: string): Promise<KeptState | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean);
  try {
    const [head, ...entries] = lines.map((line) => JSON.parse(line) as unknown);
    return head === undefined ? null : { ...(head as Head), entries: entries as CompileState['entries'] };
  } catch {
    return null;
  }
}

/**
 * Moves what an earlier run paid for out of the way of one that begins anew, over what was moved there before.
 * @returns where it is now; null: nothing was asked
 */
export async function keepEarlier(path: string): Promise<string | null> {
  const found = await readStateFile(path);
  if (found === null || found.entries.length === 0) return null;
  const kept = path.replace(/\.jsonl$/, '.earlier.jsonl');
  await rename(path, kept);
  return kept;
}

const linesOf = (values: readonly object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

/** Writes what comes to a state as it comes, a line an entry, so that a kill loses what was under way at most. */
export function createStateFile(path: string, { record }: Pick<Head, 'record'> = {}) {
  let file: FileHandle | null = null;
  let written = 0;
  return {
    async keep({ version, plan, entries }: CompileState): Promise<void> {
      const news = linesOf(entries.slice(written));
      written = entries.length;
      if (file !== null) {
        if (news !== '') await file.appendFile(news);
        return;
      }
      // What another run left is there until all of it is in the new file.
      const head: Head = { version, plan, ...(record === undefined ? {} : { record }) };
      await writeFile(`${path}.new`, linesOf([head]) + news);
      await rename(`${path}.new`, path);
      file = await open(path, 'a');
    },
    async close(): Promise<void> {
      await file?.close();
    },
  };
}
