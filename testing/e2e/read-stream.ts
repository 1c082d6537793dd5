/** The data of each server-sent event of a text, parsed where it is JSON. */
function eventsIn(text: string): unknown[] {
  return text
    .split(/\r?\n\r?\n/)
    .map((block) =>
      block
        .split(/\r?\n/)
        .flatMap((line) => /^data: ?(.*)$/s.exec(line)?.[1] ?? [])
        .join('\n'),
    )
    .filter((data) => data !== '')
    .map((data) => (data.startsWith('{') ? JSON.parse(data) : data));
}

type Piece = {
  choices?: { delta?: { content?: string | null } }[];
  delta?: string | { text?: string };
  type?: string;
};

/** What a caller would show of a stream of chats, responses or messages. */
function saidIn(events: unknown[]): string {
  return events
    .map((event) => {
      if (typeof event !== 'object' || event === null) return '';
      const { choices, delta, type } = event as Piece;
      if (type === 'response.output_text.delta' && typeof delta === 'string') return delta;
      if (type === 'content_block_delta' && typeof delta === 'object') return delta.text ?? '';
      return choices?.[0]?.delta?.content ?? '';
    })
    .join('');
}

export type ReadStream = {
  text: string;
  events: unknown[];
  /** What a caller would show. */
  said: string;
  /** Whether the connection broke before the answer was whole. */
  broken: boolean;
};

/** Reads an answer to its end, however it ends. */
export async function readStream(response: Response): Promise<ReadStream> {
  const decoder = new TextDecoder();
  let text = '';
  let broken = false;
  try {
    for await (const bytes of response.body ?? []) text += decoder.decode(bytes, { stream: true });
  } catch {
    broken = true;
  }
  const events = eventsIn(text);
  return { text, events, said: saidIn(events), broken };
}

/** Reads until so many characters are shown, then leaves the rest to the caller of this. */
export async function readUntil(response: Response, shown: RegExp): Promise<void> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (reader && !shown.test(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The stream ended before ${shown}: ${text}`);
    text += decoder.decode(value, { stream: true });
  }
  reader?.releaseLock();
}
