import type { Client, RequestBody } from '@wheelhouse/sdk';
import { serveModel as answerFor, keepLease, type Lease, publishCode } from '@wheelhouse/sdk/serve';
import type { Config } from '../config.ts';
import { firstSignal } from '../first-signal.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import { printError } from '../output/print-error.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';
import { type Answerer, listen } from '../serve-http.ts';
import { type CodePlace, findCode, loadCode, type ServedCode } from '../served-code.ts';
import { watchFiles } from '../watch-files.ts';

type Deps = { config: Config; terminal: Terminal };
export type ServeOptions = {
  name?: string;
  alias?: string;
  breaking?: boolean;
  host: string;
  port: number;
  url?: string;
  python: string;
  watch: boolean;
  message?: string;
};

/** A version that is answered here. */
type Standing = { code: ServedCode; lease: Lease; answer: Promise<Answerer>; calls: Calls; leaving?: boolean };
type Calls = ReturnType<typeof createCalls>;

/** Calls that are not answered yet. */
function createCalls() {
  const open = new Set<Request>();
  let idle = () => {};
  return {
    /** A call ends when its connection has: the request's signal says so. */
    add(request: Request): void {
      open.add(request);
      request.signal.addEventListener(
        'abort',
        () => {
          open.delete(request);
          if (open.size === 0) idle();
        },
        { once: true },
      );
    },
    ended: (): Promise<void> =>
      new Promise((resolve) => {
        idle = resolve;
        if (open.size === 0) resolve();
      }),
  };
}

const notHere: Answerer = async () =>
  new Response(JSON.stringify({ error: { message: 'This version is not served here.' } }), {
    status: 404,
    headers: { 'content-type': 'application/json' },
  });

const versionOf = (
  { runtime, hash, streams, signature, example }: ServedCode,
  place: CodePlace,
  message = '',
): RequestBody<'createVersion'> => ({
  definition: { flavor: 'code', runtime, entry: place.entry, hash, streams },
  signature: signature as NonNullable<RequestBody<'createVersion'>['signature']>,
  message,
  ...(example === null ? {} : { example }),
});

type Serving = { client: Client; name: string; place: CodePlace; baseUrl: string; options: ServeOptions };

/** The versions that this process answers for: the newest, and those that an alias still leads to. */
function createHouse({ client, name, place, baseUrl, options }: Serving, terminal: Terminal) {
  const versions = new Map<number, Standing>();
  const warn = (error: unknown) => printError(error, terminal);
  /** Python tells of its own errors. */
  const tell = (error: unknown) => {
    if (place.runtime === 'node') terminal.err(`${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  };

  async function stand(number: number, code: ServedCode): Promise<Standing> {
    let current: Answerer = notHere;
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    // A call may come before the answer that tells the token of the lease.
    const answer = opened.then((): Answerer => (request) => current(request));
    const calls = createCalls();
    versions.set(number, { code, answer, calls, lease: { leave: async () => undefined } });
    const lease = await keepLease({
      ...{ client, model: name, version: number, url: `${baseUrl}/${number}`, onTrouble: warn },
      onToken(token) {
        current = answerFor(code.predict, { token, onError: tell });
        open();
      },
    });
    return { code, lease, answer, calls };
  }
  /** What is asked already is answered; no more comes once the lease is left. */
  async function leave(number: number, standing: Standing): Promise<void> {
    standing.leaving = true;
    await standing.lease.leave();
    await standing.calls.ended();
    // The same code may have come back meanwhile.
    if (versions.get(number) === standing) versions.delete(number);
    standing.code.close();
  }

  return {
    answer: async (request: Request): Promise<Response> => {
      const standing = versions.get(Number(new URL(request.url).pathname.slice(1)));
      standing?.calls.add(request);
      return (standing ? await standing.answer : notHere)(request);
    },
    /** Publishes what was loaded, answers for it, and leaves what nobody is led to any more. */
    async take(code: ServedCode): Promise<{ number: number; isNew: boolean }> {
      const { description } = code;
      const version = versionOf(code, place, options.message);
      const { number, isNew, aliases } = await publishCode(name, version, { client, description });
      const standing = versions.get(number);
      if (standing && !standing.leaving) code.close();
      else
        try {
          versions.set(number, await stand(number, code));
        } catch (error) {
          versions.delete(number);
          code.close();
          throw error;
        }
      let led = aliases;
      if (options.alias && aliases.find(({ alias }) => alias === options.alias)?.version !== number) {
        const params = { name, alias: options.alias };
        const body = { version: number, breaking: options.breaking ?? false };
        led = (await client.call('moveAlias', { params, body })).model.aliases;
      }
      const wanted = new Set([number, ...led.map((alias) => alias.version)]);
      // A long answer of an old version holds nothing up.
      for (const [old, one] of versions) if (!wanted.has(old) && !one.leaving) void leave(old, one);
      return { number, isNew };
    },
    leaveAll: () => Promise.all([...versions].map(([number, standing]) => leave(number, standing))),
  };
}

/** One after the other, and once more where something changed meanwhile. */
function oneAtATime(work: () => Promise<void>) {
  let running: Promise<void> | null = null;
  let again = false;
  let over = false;
  async function run(): Promise<void> {
    do {
      again = false;
      await work();
    } while (again && !over);
    running = null;
  }
  return {
    go(): void {
      if (running) again = true;
      else if (!over) running = run();
    },
    /** No more of it; resolves when what runs is done. */
    async end(): Promise<void> {
      over = true;
      await running;
    },
  };
}

/** `wheelhouse serve`: code becomes a model that is called like any other, and stays where it is. */
export async function serve(target: string, options: ServeOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const place = await findCode(target, config.cwd);
  const name = options.name ?? place.name;
  const load = () => loadCode(place, { python: options.python, onOutput: (text) => terminal.err(text) });
  let code = await load();
  let house: ReturnType<typeof createHouse> | null = null;
  const answer: Answerer = async (request) => (house ? house.answer(request) : notHere(request));
  const listening = await listen(answer, options).catch((error: unknown) => {
    code.close();
    throw error;
  });
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const baseUrl = (options.url ?? `http://${host}:${listening.port}`).replace(/\/+$/, '');
  const client = openClient(config);
  const standing = createHouse({ client, name, place, baseUrl, options }, terminal);
  house = standing;

  async function take(next: ServedCode): Promise<void> {
    const { number, isNew } = await standing.take(next);
    code = next;
    const state = isNew ? 'a new version' : 'as it was published before';
    terminal.out(`  ${terminal.outStyle.green('✓')} ${plain(name)}@${number} is answered here, ${state}\n`);
    terminal.err(terminal.errStyle.dim(`    wheelhouse model run ${plain(name)}@${options.alias ?? number} …\n`));
  }
  async function reload(): Promise<void> {
    try {
      const next = await load();
      if (next.hash === code.hash) return next.close();
      await take(next);
      rewatch();
    } catch (error) {
      printError(error, terminal);
      terminal.err('  What was served before is still answered.\n');
    }
  }
  let watching: { close(): void } | null = null;
  function rewatch(): void {
    watching?.close();
    watching = options.watch ? watchFiles(code.files, reloads.go) : null;
  }
  const reloads = oneAtATime(reload);
  try {
    const ended = firstSignal();
    await take(code);
    rewatch();
    await ended;
  } finally {
    // A version that is about to be taken would stay behind.
    await reloads.end();
    (watching as { close(): void } | null)?.close();
    await standing.leaveAll();
    await listening.close();
    code.close();
  }
  return exitCodes.done;
}
