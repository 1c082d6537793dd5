import type { MessageBody } from '@wheelhouse/sdk';
import { jsonText } from './safe-json.ts';

const sizeOf = (message: MessageBody): number =>
  message.parts.reduce(
    (sum, part) =>
      sum + (part.type === 'text' || part.type === 'reasoning' ? part.content.length : jsonText(part).length),
    0,
  );

export type Capped = {
  shown: MessageBody[];
  /** How many earlier ones are left out. */
  left: number;
  /** Characters of all. */
  size: number;
};

/** The newest messages that fit, and at least one: an agent's history may be of any size, and its end is what matters. */
export function capMessages(messages: MessageBody[], limits: { characters: number; messages: number }): Capped {
  const sizes = messages.map(sizeOf);
  let first = messages.length;
  for (let room = limits.characters; first > 0; first--) {
    room -= sizes[first - 1] ?? 0;
    if (first < messages.length && (room < 0 || messages.length - first >= limits.messages)) break;
  }
  return { shown: messages.slice(first), left: first, size: sizes.reduce((sum, size) => sum + size, 0) };
}
