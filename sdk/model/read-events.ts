type ServerEvent = { event: string; data: unknown };

function parseBlock(block: string): ServerEvent | null {
  const member = (name: string) =>
    block
      .split('\n')
      .filter((line) => line.startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2))
      .join('\n');
  const data = member('data');
  return data === '' ? null : { event: member('event'), data: JSON.parse(data) };
}

/** Server-sent events as our own server writes them: a line of `event`, one of `data`, a blank one. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      text += decoder.decode(read.value, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = parseBlock(block);
        if (event !== null) yield event;
      }
    }
  } finally {
    // Whoever stops reading wants no more of it; the server hears that the connection is gone.
    await reader.cancel().catch(() => undefined);
  }
}
