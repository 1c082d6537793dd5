import { type LiveMessage, livePath, WheelhouseApiError } from '@wheelhouse/sdk';

export type LiveOptions = {
  apiKey: string | null;
  /** Left out or null: the key's own, or the default one. */
  project?: string | null;
  signal: AbortSignal;
  /** Chooses traces. */
  q?: string;
  /** Where the reader stands; kept up to date, so that whoever comes back misses nothing. */
  place?: { lastEventId: string | null };
};

async function refusal(response: Response): Promise<WheelhouseApiError> {
  const { error } = (await response.json().catch(() => ({ error: undefined }))) as {
    error?: { code: string; message: string; hint: string };
  };
  const { code = 'unexpected_answer', message = `HTTP ${response.status}`, hint = '' } = error ?? {};
  return new WheelhouseApiError(response.status, code, message, hint);
}

/** The server's live messages as they come; ends when the server closes the stream, rejects when the signal aborts. */
export async function* liveMessages(url: string, options: LiveOptions): AsyncGenerator<LiveMessage> {
  const { apiKey, project, signal, q = '', place = { lastEventId: null } } = options;
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (apiKey) headers.authorization = `Bearer ${apiKey}`;
  if (project) headers['x-wheelhouse-project'] = project;
  if (place.lastEventId !== null) headers['last-event-id'] = place.lastEventId;
  const query = q === '' ? '' : `?q=${encodeURIComponent(q)}`;
  const response = await fetch(`${url}${livePath}${query}`, { headers, signal }).catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    throw new WheelhouseApiError(0, 'unreachable', `No answer from ${url}.`, 'Start it with npm start.', { cause });
  });
  if (!response.ok) throw await refusal(response);
  if (!response.body) return;
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + chunk).split(/\r?\n\r?\n/);
    rest = events.pop() ?? '';
    for (const event of events) {
      const lines = event.split(/\r?\n/);
      const id = lines.find((line) => line.startsWith('id:'));
      if (id !== undefined) place.lastEventId = id.slice(3).trim();
      const data = lines
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).trimStart())
        .join('\n');
      if (data) yield JSON.parse(data) as LiveMessage;
    }
  }
}
