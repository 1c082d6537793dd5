import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PhaseName } from './gateway-load.ts';
import { loadedConfig, loadedEnv, setLoaded } from './gateway-loaded.ts';
import { startGoProxy } from './go-proxy.ts';
import { liteLlmVersion, startLiteLlm } from './litellm.ts';
import { portkeyVersion, startPortkey } from './portkey.ts';
import { type Helper, pin, startHelper } from './processes.ts';
import { type House, makeFolder, startHouse } from './wheelhouse.ts';

export type Target = {
  name: string;
  port: number;
  pid: number;
  /** Of the databases, where the gateway has some. */
  childPid: number | null;
  /** Of the process that reads and keeps its calls, where it has one. */
  recordingPid: number | null;
  headers: Record<string, string>;
  /** What it is measured at; the slow ones cannot hold every rate. */
  phases: ReadonlySet<PhaseName>;
  /** Waits until what the gateway does after its answers is done. */
  settle(): Promise<void>;
};

export type Targets = {
  all: Target[];
  /** By its role in ratios; null: it cannot be had here. */
  direct: Target;
  bare: Target;
  traced: Target;
  loaded: Target;
  portkey: Target | null;
  liteLlm: Target | null;
  houses: { traced: House; loaded: House };
};

const every: ReadonlySet<PhaseName> = new Set(['whole', 'burst', 'rate', 'fast', 'paced']);
const slow: ReadonlySet<PhaseName> = new Set(['whole', 'burst', 'rate', 'paced']);
const slowest: ReadonlySet<PhaseName> = new Set(['whole', 'burst']);

export type Closers = (() => Promise<void>)[];

/** `wheelhouse start` in a folder of its own, on the core under test, its databases beside it. */
export async function startPinned(
  options: { config?: object; env: Record<string, string>; profile?: string | null },
  closers: Closers,
): Promise<House> {
  const folder = await makeFolder(options.config);
  closers.push(folder.remove);
  const house = await startHouse({ folder: folder.path, env: options.env, profile: options.profile ?? null });
  closers.push(house.stop);
  pin(house.pid, 'tested');
  pin(house.childPid, 'rest');
  pin(house.recordingPid, 'rest');
  return house;
}

function houseTarget(name: string, house: House, headers: Record<string, string>): Target {
  return {
    name,
    port: house.port,
    pid: house.pid,
    childPid: house.childPid,
    recordingPid: house.recordingPid,
    headers,
    phases: every,
    async settle() {
      do await sleep(200);
      while ((await house.recorded()).waiting > 0);
    },
  };
}

/** Everything that is measured, in front of the same vendor. */
export async function startTargets(
  { upstream, profile }: { upstream: Helper; profile: string | null },
  closers: Closers,
): Promise<Targets> {
  const origin = `http://127.0.0.1:${upstream.ready.port}`;
  if (profile) mkdirSync(profile, { recursive: true });
  const env = { OPENAI_BASE_URL: `${origin}/v1` };
  const bareProxy = await startHelper('bare-proxy.mjs', { place: 'tested', args: [origin] });
  closers.push(bareProxy.stop);
  const go = await startGoProxy(origin);
  if (go) closers.push(go.stop);
  const tracedHouse = await startPinned({ env, profile }, closers);
  const loadedHouse = await startPinned({ config: loadedConfig, env: { ...env, ...loadedEnv }, profile }, closers);
  const loadedHeaders = await setLoaded(loadedHouse);
  const foundPortkey = await startPortkey(upstream.ready.port);
  if (foundPortkey) closers.push(foundPortkey.stop);
  const foundLiteLlm = await startLiteLlm(upstream.ready.port);
  if (foundLiteLlm) closers.push(foundLiteLlm.stop);

  const plain = { childPid: null, recordingPid: null, headers: {}, phases: every, settle: () => sleep(200) };
  const direct = { ...plain, name: 'no gateway', port: upstream.ready.port, pid: upstream.pid };
  const bare = { ...plain, name: 'bare proxy', port: bareProxy.ready.port, pid: bareProxy.pid };
  const goTarget = go && { ...plain, name: `Go ${go.version} reverse proxy`, port: go.port, pid: go.pid };
  const traced = houseTarget('Wheelhouse, traced', tracedHouse, {});
  const loaded = houseTarget('Wheelhouse, loaded', loadedHouse, loadedHeaders);
  const portkey = foundPortkey && { ...plain, name: `Portkey ${portkeyVersion}`, phases: slow, ...foundPortkey };
  const liteLlm = foundLiteLlm && { ...plain, name: `LiteLLM ${liteLlmVersion}`, phases: slowest, ...foundLiteLlm };
  const all = [direct, bare, goTarget, traced, loaded, portkey, liteLlm].filter((one) => one !== null);
  const houses = { traced: tracedHouse, loaded: loadedHouse };
  return { all, direct, bare, traced, loaded, portkey, liteLlm, houses };
}
