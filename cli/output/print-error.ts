import type { Terminal } from './terminal.ts';

/** `✕ message` and the hint below it, when the error has one. */
export function printError(error: unknown, terminal: Terminal): void {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof Error && 'hint' in error ? String(error.hint) : '';
  terminal.err(`${terminal.errStyle.red('✕')} ${message}\n`);
  if (hint) terminal.err(`  ${hint}\n`);
}
