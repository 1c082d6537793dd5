import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { UsageError } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

/** Typed in without being shown, or piped in: a secret on the command line would stay in the shell's history. */
export async function readSecret(prompt: string, terminal: Terminal): Promise<string> {
  const secret = process.stdin.isTTY ? await ask(prompt, terminal) : await readText(process.stdin);
  if (secret.trim() !== '') return secret.trim();
  throw new UsageError('Nothing was given.', 'Type it in, or pipe it in: … < file');
}

function ask(prompt: string, terminal: Terminal): Promise<string> {
  terminal.err(prompt);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve) => {
    let given = '';
    lines.once('line', (line) => {
      given = line;
      lines.close();
    });
    // Also when the input ends or Ctrl+C is pressed.
    lines.once('close', () => {
      terminal.err('\n');
      resolve(given);
    });
  });
}
