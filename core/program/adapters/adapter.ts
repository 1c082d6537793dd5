import type { JsonObject } from '../../records/index.ts';
import type { Signature } from '../signature.ts';
import type { Demo } from '../tunables.ts';
import type { FieldPiece } from './stream-sections.ts';

/** A message in the form of OpenAI's chat. */
export type ChatMessage = { role: 'system' | 'user' | 'assistant'; content: string };

/** What a predictor is asked, before it is words. */
export type AdapterTask = {
  signature: Signature;
  demos: readonly Demo[];
  input: JsonObject;
  /** Gets the outputs in pieces as they come, of an adapter that can tell them apart; what was cut off and asked for again comes again. */
  onField?: (piece: FieldPiece) => void;
};

/**
 * Asks the predictor's model, or another, and resolves with what it wrote.
 * @throws WheelhouseError where the model could not be asked
 */
export type Send = (
  messages: ChatMessage[],
  options: { adapter: string; parameters?: JsonObject; model?: string; onText?: (piece: string) => void },
) => Promise<string>;

/** How a signature becomes messages, and an answer values again. */
export type Adapter = {
  name: string;
  format(task: AdapterTask): ChatMessage[];
  /** @throws WheelhouseError `answer_unreadable` */
  parse(signature: Signature, text: string): JsonObject;
  /**
   * Formats, asks and reads, more than once where that is its way.
   * @throws WheelhouseError `answer_unreadable`, and what {@link Send} throws
   */
  ask(task: AdapterTask, send: Send): Promise<JsonObject>;
};
