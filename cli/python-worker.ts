import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isJsonObject, type Json, type JsonObject, type Signature } from '@wheelhouse/core/records';
import type { ServeContext } from '@wheelhouse/sdk/serve';
import { UsageError } from './output/exit-codes.ts';
import { packageFolder } from './package-folder.ts';
import type { CodePlace, Loaded, LoadOptions } from './served-code.ts';

const script = (): string => join(packageFolder(), 'bin', 'serve-worker.py');

type Waiting = {
  onText(piece: string): void;
  resolve(output: Json): void;
  reject(error: Error): void;
};

/** Pieces of text as they come, and the end of them. */
function createPieces() {
  const pieces: string[] = [];
  let ended: { error: Error | null } | null = null;
  let wake = () => {};
  const change = (apply: () => void) => {
    apply();
    wake();
  };
  return {
    add: (piece: string) => change(() => pieces.push(piece)),
    end: (error: Error | null) => change(() => (ended = { error })),
    async *read(): AsyncGenerator<string, void> {
      while (true) {
        const piece = pieces.shift();
        if (piece !== undefined) yield piece;
        else if (ended !== null) {
          const { error } = ended as { error: Error | null };
          if (error) throw error;
          return;
        } else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  };
}

/**
 * A Python process that answers calls, one line of JSON each.
 * @throws UsageError with what Python says when the model cannot be loaded
 */
export async function startWorker(place: CodePlace, { python, onOutput }: LoadOptions): Promise<Loaded> {
  const what = place.runtime === 'mlflow' ? ['mlflow', place.path] : ['function', place.path, place.member];
  const child = spawn(python, ['-u', script(), ...what], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stderr.setEncoding('utf8').on('data', onOutput);
  // A worker that ended is told of by its `close`.
  child.stdin.on('error', () => undefined);
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let over: Error | null = null;

  const ready = new Promise<JsonObject>((resolve, reject) => {
    const end = (message: string, hint: string) => {
      over = new UsageError(message, hint);
      reject(over);
      for (const one of waiting.values()) one.reject(over);
      waiting.clear();
    };
    child.once('error', (error) =>
      end(`${python} cannot be run: ${error.message}`, 'Name it: --python .venv/bin/python'),
    );
    child.once('close', (code) => end(`The Python process ended with ${code}.`, 'What it wrote stands above.'));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const told = JSON.parse(line) as JsonObject;
      const one = waiting.get(Number(told.id));
      if (isJsonObject(told.ready)) resolve(told.ready);
      else if (isJsonObject(told.failed))
        end(
          `${place.entry} cannot be loaded: ${told.failed.message}`,
          'Name the Python that has what it needs: --python .venv/bin/python',
        );
      else if (one === undefined) return;
      else if (typeof told.text === 'string') one.onText(told.text);
      else {
        waiting.delete(Number(told.id));
        if (isJsonObject(told.error)) one.reject(new Error(String(told.error.message)));
        else one.resolve(told.output ?? null);
      }
    });
  });
  const { signature, example, description, streams, files } = await ready;

  function ask(input: Json, context: ServeContext, onText: (piece: string) => void): Promise<Json> {
    if (over) return Promise.reject(over);
    lastId += 1;
    const id = lastId;
    const { messages, parameters, traceparent, signal } = context;
    const cancel = () => child.stdin.write(`${JSON.stringify({ id, cancel: true })}\n`);
    signal.addEventListener('abort', cancel, { once: true });
    const call = { id, input, messages, parameters, traceparent, stream: streams === true };
    const answer = new Promise<Json>((resolve, reject) => waiting.set(id, { onText, resolve, reject }));
    child.stdin.write(`${JSON.stringify(call)}\n`);
    return answer.finally(() => signal.removeEventListener('abort', cancel));
  }

  return {
    predict(input: Json, context: ServeContext) {
      if (streams !== true) return ask(input, context, () => undefined);
      const pieces = createPieces();
      ask(input, context, pieces.add).then(
        () => pieces.end(null),
        (error: Error) => pieces.end(error),
      );
      return pieces.read();
    },
    files: Array.isArray(files) ? files.map(String) : [],
    streams: streams === true,
    signature: isJsonObject(signature) ? (signature as Partial<Signature>) : {},
    example: example ?? null,
    description: typeof description === 'string' ? description : '',
    close: () => void child.kill(),
  };
}
