export type JsonProblem = { message: string; line: number; column: number };

const lineAndColumn = (text: string, at: number) => {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
};

/** Whether a text is wrong by itself, whatever came after it. */
function isWrong(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const [, position] = /at position (\d+)/.exec(message) ?? [];
    return !/end of JSON|Unterminated/.test(message) && (position === undefined || Number(position) < text.length);
  }
}

/** Of an engine that does not say it: the last character of the shortest beginning that is wrong already. */
function wrongFrom(text: string): number {
  let [fine, wrong] = [0, text.length];
  while (wrong - fine > 1) {
    const middle = (fine + wrong) >> 1;
    if (isWrong(text.slice(0, middle))) wrong = middle;
    else fine = middle;
  }
  return Math.max(0, wrong - 1);
}

/** Where a parser stopped, from what it says; engines say it in three ways. */
function stoppedAt(text: string, message: string): number {
  const [, position] = /at position (\d+)/.exec(message) ?? [];
  if (position !== undefined) return Number(position);
  const [, line, column] = /line (\d+) column (\d+)/.exec(message) ?? [];
  if (line === undefined) return wrongFrom(text);
  const lines = text.split('\n').slice(0, Number(line) - 1);
  return lines.reduce((sum, one) => sum + one.length + 1, 0) + Number(column) - 1;
}

/** The value of a text, or where it stops being JSON. Nothing at all is `undefined`. */
export function readJson(text: string): { value: unknown } | { problem: JsonProblem } {
  if (text.trim() === '') return { value: undefined };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const short = message.replace(
      /,? *\.\.\..* is not valid JSON$|, ".*" is not valid JSON$|(?: in JSON)? at .*$/s,
      '',
    );
    return { problem: { message: short, ...lineAndColumn(text, stoppedAt(text, message)) } };
  }
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * The line on which the member at a path begins, from 1; of what is not there, the line of what should hold it.
 * @param text JSON
 */
export function lineOf(text: string, path: readonly string[]): number {
  type Level = { key: string; index: number; list: boolean };
  const levels: Level[] = [];
  let best = { depth: 0, at: 0 };
  let key: string | null = null;
  let expectsKey = false;
  const here = () => levels.map((level) => (level.list ? String(level.index) : level.key));
  const note = (at: number) => {
    const now = here();
    if (now.length > best.depth && now.length <= path.length && now.every((one, i) => one === path[i]))
      best = { depth: now.length, at };
  };
  for (const match of text.matchAll(token)) {
    const [mark] = match;
    const top = levels.at(-1);
    if (expectsKey && mark.startsWith('"')) {
      key = JSON.parse(mark) as string;
      if (top) top.key = key;
      note(match.index);
      expectsKey = false;
    } else if (mark === '{' || mark === '[') {
      if (top?.list) note(match.index);
      levels.push({ key: '', index: 0, list: mark === '[' });
      expectsKey = mark === '{';
    } else if (mark === '}' || mark === ']') {
      levels.pop();
      expectsKey = false;
    } else if (mark === ',') {
      if (top?.list) top.index++;
      expectsKey = top?.list === false;
    } else if (mark !== ':' && top?.list) note(match.index);
  }
  return lineAndColumn(text, best.at).line;
}
