import { type Json, parseExactJson } from '../../../records/index.ts';
import { pointerPath, valueAt } from '../../pointer.ts';
import { textOfValue } from '../../template/render-template.ts';
import type { HttpCall } from './definition.ts';

type Format = NonNullable<HttpCall['stream']>;

/** Takes an answer as it comes, cut anywhere, and gives the text in it. */
export type PieceReader = { push(chunk: string): string; end(): string };

function textIn(data: string, path: readonly string[]): string {
  if (data.trim() === '' || data.trim() === '[DONE]') return '';
  let event: Json;
  try {
    event = parseExactJson(data);
  } catch {
    return path.length === 0 ? data : '';
  }
  return textOfValue(valueAt(event, path));
}

/** Whole lines of what was pushed so far; a carriage return at the end waits for what follows it. */
function createLines() {
  let pending = '';
  return {
    push(chunk: string): string[] {
      pending += chunk;
      // A line that comes in many chunks is looked through once.
      if (!/[\r\n]/.test(chunk) && !pending.slice(0, -chunk.length || undefined).endsWith('\r')) return [];
      const held = pending.endsWith('\r') ? 1 : 0;
      const lines = pending.slice(0, pending.length - held).split(/\r\n|\r|\n/);
      pending = (lines.pop() ?? '') + (held === 1 ? '\r' : '');
      return lines;
    },
    end: () => pending.split(/\r\n|\r|\n/),
  };
}

function lineReader(readLine: (line: string) => string): PieceReader {
  const lines = createLines();
  const read = (all: string[]) => all.map(readLine).join('');
  return { push: (chunk) => read(lines.push(chunk)), end: () => read(lines.end()) };
}

function eventReader(path: readonly string[]): PieceReader {
  let data: string[] = [];
  const finish = (): string => {
    const text = data.length === 0 ? '' : textIn(data.join('\n'), path);
    data = [];
    return text;
  };
  const lines = lineReader((line) => {
    if (line === '') return finish();
    if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
    return '';
  });
  return { push: lines.push, end: () => lines.end() + finish() };
}

export function createPieceReader({ format, text }: Format): PieceReader {
  if (format === 'text') return { push: (chunk) => chunk, end: () => '' };
  const path = pointerPath(text);
  return format === 'sse' ? eventReader(path) : lineReader((line) => textIn(line, path));
}
