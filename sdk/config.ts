/** What the environment says of tracing; read here and nowhere else in this workspace, and only when asked. */
export type TraceConfig = {
  /** Without a slash at the end. */
  url: string;
  apiKey: string | null;
  /** Attributes of the resource, from the variables that every OpenTelemetry SDK reads. */
  resource: Record<string, string>;
};

/** `name=value,name=value`, percent-encoded; what is not so is left out. */
function readPairs(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    if (at <= 0) return [];
    try {
      return [[pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())]];
    } catch {
      return [];
    }
  });
  return Object.fromEntries(pairs);
}

export function readTraceConfig(env: Record<string, string | undefined> = process.env): TraceConfig {
  return {
    url: (env.WHEELHOUSE_URL || 'http://127.0.0.1:4400').replace(/\/+$/, ''),
    apiKey: env.WHEELHOUSE_API_KEY || null,
    resource: {
      ...readPairs(env.OTEL_RESOURCE_ATTRIBUTES ?? ''),
      ...(env.OTEL_SERVICE_NAME ? { 'service.name': env.OTEL_SERVICE_NAME } : {}),
    },
  };
}
