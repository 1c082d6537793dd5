import type { LiveMessage } from '@wheelhouse/core/contract';

export type MessageRing = {
  /** Numbers the message and gives it in the form of a server-sent event. */
  add(message: LiveMessage): string;
  /** What came after that id, as far as it is kept. */
  after(id: number, wanted: (type: LiveMessage['type']) => boolean): string[];
  /** The id of the newest message. */
  lastId(): number;
};

/**
 * The newest messages, for those who come back with Last-Event-ID.
 * @param firstId ids grow from here; a later process must start higher, so that ids are never mistaken for its own
 */
export function createMessageRing(firstId: number, most: { messages: number; characters: number }): MessageRing {
  const ring: { id: number; type: LiveMessage['type']; text: string }[] = [];
  let lastId = firstId;
  let characters = 0;
  return {
    add(message) {
      lastId += 1;
      const text = `id: ${lastId}\ndata: ${JSON.stringify(message)}\n\n`;
      ring.push({ id: lastId, type: message.type, text });
      characters += text.length;
      while (ring.length > most.messages || (ring.length > 1 && characters > most.characters))
        characters -= ring.shift()?.text.length ?? 0;
      return text;
    },
    after: (id, wanted) => ring.filter((sent) => sent.id > id && wanted(sent.type)).map((sent) => sent.text),
    lastId: () => lastId,
  };
}
