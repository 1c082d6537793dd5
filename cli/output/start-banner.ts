import type { Style } from './style.ts';

export type Banner = {
  version: string;
  readyMs: number;
  url: string;
  /** Where the data is, as short as it can be said. */
  dataDir: string;
  /** `empty` or `1,204 traces`. */
  storeSummary: string;
  keys: string;
  configFile: string | null;
};

const curl = (url: string) =>
  [
    `  curl ${url}/v1/chat/completions \\`,
    `    -H 'content-type: application/json' \\`,
    `    -d '{"model":"sim/echo","messages":[{"role":"user","content":"Hello"}]}'`,
  ].join('\n');

/** What a started server prints: where everything is, and, as long as no provider has a key, a call that works without one. */
export function startBanner(banner: Banner, style: Style): string {
  const { url } = banner;
  const row = (name: string, value: string, note = '') =>
    `  ${style.dim(name.padEnd(8))}  ${value}${note ? style.dim(note) : ''}`;
  const noteColumn = (value: string, note: string) => `${' '.repeat(Math.max(2, 34 - value.length))}${note}`;
  const lines = [
    '',
    `  ${style.bold(`wheelhouse ${banner.version}`)}   ready in ${(banner.readyMs / 1000).toFixed(1)} s`,
    '',
    row('UI', style.cyan(url)),
    row('OpenAI', `${url}/v1`, noteColumn(`${url}/v1`, 'point any OpenAI SDK here')),
    row('OTLP', url, noteColumn(url, 'as OTEL_EXPORTER_OTLP_ENDPOINT')),
    row('store', `${banner.dataDir}  (${banner.storeSummary})`),
    row('keys', banner.keys),
    ...(banner.configFile === null ? [] : [row('config', banner.configFile)]),
    '',
  ];
  if (!/ found| needs none/.test(banner.keys))
    lines.push('  No provider key yet. The simulated model answers without one:', '', curl(url), '');
  return `${lines.join('\n')}\n`;
}
