import { type LiveMessage, livePath } from '@wheelhouse/sdk';

/** The server's live messages as they come; ends when the signal aborts or the server closes the stream. */
export async function* liveMessages(
  url: string,
  options: { apiKey: string | null; signal: AbortSignal },
): AsyncGenerator<LiveMessage> {
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (options.apiKey) headers.authorization = `Bearer ${options.apiKey}`;
  const response = await fetch(`${url}${livePath}`, { headers, signal: options.signal });
  if (!response.ok || !response.body) return;
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + chunk).split(/\r?\n\r?\n/);
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = event
        .split(/\r?\n/)
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).trimStart())
        .join('\n');
      if (data) yield JSON.parse(data) as LiveMessage;
    }
  }
}
