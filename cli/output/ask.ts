import { createInterface } from 'node:readline/promises';

/** Asks a question; null where nobody can answer. */
export type Ask = ((question: string) => Promise<string>) | null;

export function askOnTerminal(): Ask {
  if (!process.stdin.isTTY) return null;
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await lines.question(question);
    } finally {
      lines.close();
    }
  };
}
