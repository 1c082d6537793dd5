import { type ChatResult, createChatFold } from '../trace/index.ts';
import { parseEvent } from './parse-event.ts';
import { type AnswerBytes, readAnswer } from './read-exchange.ts';
import { utf8Text } from './utf8.ts';

/** How an answer ended, but for what it said. */
export type Outcome = Pick<ChatResult, 'usage' | 'responseModel' | 'serviceTier' | 'finishReasons' | 'error'>;

/** Holds the chunks that end a stream: the last content, why it ended, usage. */
const tailLength = 3_000;

/**
 * What only a look at all of the stream can tell: another choice's end, a failure. Expressions, because `includes` takes four
 * times as long to find nothing in a stream.
 */
const other = /"index":\s*[1-9]/;
const failure = /"error":\s*[^n\s]/;
const tier = /"service_tier":\s*"/;
/** Why it ended, and what it took. */
const telling = /"(?:finish_reason":\s*"|usage":\s*\{)/g;

/** The lines of events, from some place on, that tell something of the end. */
function tellingLines(text: string, start: number): string[] {
  const lines: string[] = [];
  telling.lastIndex = start;
  for (let found = telling.exec(text); found !== null; found = telling.exec(text)) {
    const from = text.lastIndexOf('\n', found.index) + 1;
    const next = text.indexOf('\n', found.index);
    const to = next === -1 ? text.length : next;
    if (text.startsWith('data:', from)) lines.push(text.slice(from + 5, to));
    telling.lastIndex = to;
  }
  return lines;
}

/** From the end of a stream, when nothing before matters; null: all of it has to be read. */
function ofChatStream(answer: Uint8Array): Outcome | null {
  const text = utf8Text(answer);
  const start = text.length <= tailLength ? 0 : text.indexOf('\n\n', text.length - tailLength);
  if (start < 0 || other.test(text) || failure.test(text)) return null;
  const fold = createChatFold();
  for (const line of tellingLines(text, start)) fold.outside(parseEvent(line));
  const result = fold.outcome();
  const isAll = result.usage !== null && result.finishReasons.length > 0 && result.responseModel !== null;
  return isAll && (result.serviceTier !== null || !tier.test(text)) ? result : null;
}

function ofChat(answer: Uint8Array): Outcome {
  const fold = createChatFold();
  fold.outside(parseEvent(utf8Text(answer)));
  return fold.outcome();
}

const unread: Outcome = { usage: null, responseModel: null, serviceTier: null, finishReasons: [], error: null };

/**
 * What {@link readAnswer} says of how an answer ended, without making the messages where the dialect allows it: this runs
 * with each call that a budget or the cache waits for. It never throws.
 */
export function readOutcome(given: AnswerBytes): Outcome {
  try {
    if (given.dialect === 'openai-chat') {
      const found = given.streamed ? ofChatStream(given.answer) : ofChat(given.answer);
      if (found !== null) return found;
    }
    return readAnswer(given);
  } catch {
    return unread;
  }
}
