/** A span as an application exports it, in OTLP's JSON. */
export type WireSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  /** Left out while it runs. */
  endTimeUnixNano?: string;
  attributes?: { key: string; value: object }[];
};

export const attribute = (key: string, value: string | bigint): { key: string; value: object } => ({
  key,
  value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
});

/** Sends the spans once, as an exporter does. */
export function exportSpans(
  serverUrl: string,
  spans: WireSpan[],
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${serverUrl}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
  });
}
