import { type ClientOptions, errorOf, unreachable } from './client.ts';

/**
 * A request of the API whose body or answer is bytes.
 * @throws WheelhouseApiError
 */
export async function rawRequest(
  options: ClientOptions & { signal?: AbortSignal },
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const { baseUrl = '', apiKey, project, signal } = options;
  const send = options.fetch ?? ((input, given) => fetch(input, given));
  const response = await send(`${baseUrl.replace(/\/$/, '')}${path}`, {
    ...init,
    headers: {
      ...(init.headers as Record<string, string> | undefined),
      ...(apiKey && { authorization: `Bearer ${apiKey}` }),
      ...(project && { 'x-wheelhouse-project': project }),
    },
    ...(signal ? { signal } : {}),
  }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw unreachable(baseUrl, cause);
  });
  if (!response.ok) throw await errorOf(response);
  return response;
}
