import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { type ExportOptions, exportTraces } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { createProgress } from '../output/progress.ts';
import type { Terminal } from '../output/terminal.ts';
import { readFilter } from '../read-filter.ts';

export type ExportFileOptions = { format?: string; output?: string; to?: 'blob'; stored?: string };
type Deps = { config: Config; terminal: Terminal };

const lineBreak = 10;
const size = (bytes: number): string =>
  bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;

function formatOf({ format, output }: ExportFileOptions): 'jsonl' | 'parquet' {
  const found = format ?? (output?.endsWith('.parquet') ? 'parquet' : 'jsonl');
  if (found !== 'jsonl' && found !== 'parquet')
    throw new UsageError(
      `\`${found}\` is no format of an export.`,
      'There are jsonl, a line a trace, and parquet, a row a span.',
    );
  if (found === 'parquet' && output === undefined)
    throw new UsageError('Parquet goes to a file.', 'Name it with --output traces.parquet.');
  return found;
}

async function writeAll(file: WriteStream, body: AsyncIterable<Uint8Array>, onChunk: (chunk: Uint8Array) => void) {
  for await (const chunk of body) {
    onChunk(chunk);
    if (!file.write(chunk)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

/** To a file that has its name only when it is whole. */
async function toFile(output: string, options: ExportOptions & { format: string }, terminal: Terminal): Promise<void> {
  const part = `${output}.part`;
  const { total, body } = await exportTraces(options);
  const progress = createProgress(terminal, () => performance.now());
  let traces = 0;
  let bytes = 0;
  try {
    await writeAll(createWriteStream(part), body, (chunk) => {
      bytes += chunk.length;
      if (options.format === 'jsonl') for (const byte of chunk) if (byte === lineBreak) traces += 1;
      // Rows are counted in lines; a Parquet file says how many it has at its end.
      if (options.format === 'jsonl') progress.update(traces, total, size(bytes));
      else if (terminal.live) terminal.err(`\r\u001b[2K  ${size(bytes)}  of ${total} traces`);
    });
    await rename(part, output);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    progress.end();
  }
  terminal.err(
    `  ${(options.format === 'jsonl' ? traces : total).toLocaleString('en')} traces, ${size(bytes)}  → ${output}\n`,
  );
}

/** `wheelhouse trace export [q]`: everything that fits, whole. A file that was cut off is not left behind. */
export async function exportToFile(
  words: string[],
  options: ExportFileOptions,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const q = readFilter(words);
  const format = formatOf(options);
  if (options.to === 'blob') {
    if (format === 'parquet' || options.output !== undefined)
      throw new UsageError(
        'What the server keeps is jsonl, under an id.',
        'Leave --format and --output out; fetch it with --stored <id> -o traces.jsonl.',
      );
    return (await import('./trace-exports.ts')).exportToBlob(q, { config, terminal });
  }
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  process.once('SIGINT', onInterrupt);
  const ask = {
    baseUrl: config.url,
    q,
    format,
    ...(options.stored === undefined ? {} : { stored: options.stored }),
    signal: stop.signal,
    ...(config.adminKey ? { apiKey: config.adminKey } : {}),
    ...(config.project ? { project: config.project } : {}),
  };
  try {
    if (options.output !== undefined) await toFile(options.output, ask, terminal);
    else {
      const text = new TextDecoder();
      const { body } = await exportTraces(ask);
      for await (const chunk of body) terminal.out(text.decode(chunk, { stream: true }));
    }
    return exitCodes.done;
  } catch (error) {
    if (!stop.signal.aborted) throw cutOff(error);
    terminal.err('  Stopped; nothing was kept.\n');
    return exitCodes.stopped;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

/** What a connection that breaks in the middle says is not meant for people. */
function cutOff(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  return Object.assign(new Error('The connection broke before the export was whole.', { cause: error }), {
    code: 'unreachable',
    hint: "Nothing was kept. The server's log says why; run it again, or export less: last:24h.",
  });
}
