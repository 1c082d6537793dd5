import type { Check } from '@wheelhouse/sdk/doctor';
import type { Style } from './style.ts';
import { padEnd, plain, width } from './text.ts';

const columns = 80;
const nameColumns = 11;
const indent = 4 + nameColumns;

/** Breaks between words; a word longer than a line, such as a URL, keeps a line of its own. */
function wrap(text: string, limit: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && width(last) + 1 + width(word) <= limit) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** `✓ name      what was found`, and below it `→ what to do`. */
export function checkLines({ name, state, text, todo }: Check, style: Style): string {
  const glyph = { good: style.green('✓'), warn: style.yellow('▲'), bad: style.red('✕') }[state];
  const room = columns - indent;
  const found = wrap(plain(text), room).map((line, i) =>
    i === 0 ? `  ${glyph} ${padEnd(name, nameColumns)}${line}` : `${' '.repeat(indent)}${line}`,
  );
  // A command stands on a line of its own, so that it can be copied.
  const next = todo === null ? [] : todo.split('\n').flatMap((line) => wrap(plain(line), room - 2));
  const todos = next.map((line, i) => `${' '.repeat(indent)}${style.dim(`${i === 0 ? '→ ' : '  '}${line}`)}`);
  return `${[...found, ...todos].join('\n')}\n`;
}

/** `10 checks: 8 ✓ · 2 ▲` */
export function checkCount(checks: Check[]): string {
  const of = (state: Check['state']) => checks.filter((check) => check.state === state).length;
  const parts = [
    `${of('good')} ✓`,
    ...(of('warn') ? [`${of('warn')} ▲`] : []),
    ...(of('bad') ? [`${of('bad')} ✕`] : []),
  ];
  return `${checks.length} checks: ${parts.join(' · ')}`;
}
