import { WheelhouseError } from '@wheelhouse/core/records';
import { expect, test } from 'vitest';
import { printError } from './print-error.ts';
import { plainStyle } from './style.ts';
import type { Terminal } from './terminal.ts';

function printed(hint: string): string {
  let text = '';
  const terminal = { err: (more: string) => (text += more), errStyle: plainStyle } as unknown as Terminal;
  printError(new WheelhouseError('not_found', 'There is none.', { hint }), terminal);
  return text;
}

test('whoever types commands is told commands, and paths where there is no command', () => {
  expect(printed('GET /api/v1/issues lists them.')).toBe('✕ There is none.\n  `wheelhouse issue ls` lists them.\n');
  expect(printed('GET /api/v1/online-evaluations lists them.')).toContain('`wheelhouse online ls` lists them.');
  expect(printed('GET /api/v1/comments lists them.')).toContain('GET /api/v1/comments lists them.');
  expect(printed('GET /api/v1/datasets/faq/jobs lists them.')).toContain('GET /api/v1/datasets/faq/jobs lists them.');
});
