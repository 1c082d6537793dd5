/** What a vendor says, before its dialect puts it into words. Pieces are what one event of a stream carries. */
export type SaidPart =
  | { type: 'text'; pieces: Iterable<string> }
  | { type: 'reasoning'; pieces: Iterable<string> }
  | { type: 'toolCall'; id: string; name: string; pieces: Iterable<string> };

export type Finish = 'stop' | 'length' | 'toolCalls' | 'contentFilter';

export type ToolUse = { id: string; name: string; arguments: string };

/** How one call is answered, and what goes wrong with it. Nothing said: an ordinary answer at once. */
export type Behaviour = {
  /** Before the head of the answer. */
  delayMs?: number;
  /** Nothing is answered before this is. */
  after?: Promise<unknown>;
  /** Says nothing at all, and keeps the connection open. */
  silent?: boolean;
  /** Breaks the connection instead of answering. */
  reset?: boolean;
  /** An error of this status, in the dialect's own form. */
  status?: number;
  /** Instead of the dialect's own error or answer; as it stands. */
  body?: string;
  headers?: Record<string, string>;
  /** The answer; in a stream a piece a word. */
  text?: string;
  /** So many numbered words instead. */
  words?: number;
  /** So many pieces of about a kilobyte instead, made as they are read. */
  kilobytes?: number;
  toolCalls?: ToolUse[];
  reasoning?: string;
  finish?: Finish;
  /** Leaves usage out although it was asked for. */
  noUsage?: boolean;
  /** Puts usage on the last event that has choices, as some compatible servers do. */
  usageWithFinish?: boolean;
  /** Between two events of a stream. */
  gapMs?: number;
  /** Breaks the connection after so many content events; 0: after what comes before content. */
  cutAfter?: number;
  /** Says nothing more after so many content events, and keeps the connection open. */
  stallAfter?: number;
  /** Says in the stream that it failed, after so many content events. */
  errorAfter?: number;
  /** Ends cleanly after so many content events, without what ends a stream. */
  endAfter?: number;
  /** Writes the stream in packets of so many bytes. */
  packetBytes?: number;
  /** Lines end in CR LF. */
  crlf?: boolean;
  /** A comment before each event. */
  comments?: boolean;
  /** Redirects there. */
  location?: string;
};

const numbers = [
  'delayMs',
  'status',
  'words',
  'kilobytes',
  'gapMs',
  'cutAfter',
  'stallAfter',
  'errorAfter',
  'endAfter',
  'packetBytes',
] as const;
const switches = ['silent', 'reset', 'noUsage', 'usageWithFinish', 'crlf', 'comments'] as const;

/**
 * The behaviour that a model's name asks for: `any~cutAfter=5~gapMs=10~crlf`. So programs that know only a model's name
 * can ask for a fault. `retryAfter` is the header of that name.
 */
export function behaviourOf(model: string): Behaviour {
  const [, ...words] = model.split('~');
  const behaviour: Behaviour = {};
  for (const word of words) {
    const [name = '', value = ''] = word.split('=', 2);
    const number = numbers.find((one) => one === name);
    const choice = switches.find((one) => one === name);
    if (number) behaviour[number] = Number(value);
    else if (choice) behaviour[choice] = true;
    else if (name === 'retryAfter') behaviour.headers = { 'retry-after': value };
    else throw new Error(`No behaviour is called ${name}.`);
  }
  return behaviour;
}

const wordsOf = (text: string): string[] => text.match(/\s*\S+\s*$|\s*\S+/g) ?? [text];

function* numbered(count: number): Generator<string> {
  for (let i = 0; i < count; i++) yield `${i === 0 ? '' : ' '}w${i}`;
}

function* kilobytes(count: number): Generator<string> {
  for (let i = 0; i < count; i++) yield `${String(i).padStart(8, '0')}${'x'.repeat(1015)} `;
}

/** A piece a few characters, so that escapes and surrogates are cut apart as well. */
function* slices(text: string, size: number): Generator<string> {
  for (let i = 0; i < text.length; i += size) yield text.slice(i, i + size);
}

/** What is said, made anew for each call: pieces can be read once. */
export function saidBy(behaviour: Behaviour, otherwise: string): { parts: SaidPart[]; finish: Finish } {
  const { toolCalls = [], reasoning, text, words, kilobytes: size } = behaviour;
  const parts: SaidPart[] = [];
  if (reasoning !== undefined) parts.push({ type: 'reasoning', pieces: wordsOf(reasoning) });
  if (size !== undefined) parts.push({ type: 'text', pieces: kilobytes(size) });
  else if (words !== undefined) parts.push({ type: 'text', pieces: numbered(words) });
  else if (text !== undefined || toolCalls.length === 0)
    parts.push({ type: 'text', pieces: wordsOf(text ?? otherwise) });
  for (const { id, name, arguments: json } of toolCalls)
    parts.push({ type: 'toolCall', id, name, pieces: slices(json, 7) });
  return { parts, finish: behaviour.finish ?? (toolCalls.length > 0 ? 'toolCalls' : 'stop') };
}
