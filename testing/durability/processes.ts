import { execFileSync, spawnSync } from 'node:child_process';

function childOf(serverPid: number, module: string): number | null {
  const rows = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' })
    .trim()
    .split('\n');
  for (const row of rows) {
    const [pid, parent, state] = row.trim().split(/\s+/);
    if (Number(parent) === serverPid && !state?.startsWith('Z') && row.includes(module)) return Number(pid);
  }
  return null;
}

/** The process of the embedded databases under a server; null while there is none. */
export const databasesOf = (serverPid: number): number | null => childOf(serverPid, 'bundle/child');

/** The process that records the gateway's calls; null while there is none. */
export const recordingOf = (serverPid: number): number | null => childOf(serverPid, 'recording-process');

/** kill -9; false when it is gone already. */
export function kill(pid: number | null): boolean {
  if (pid === null) return false;
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

/** Whether it has ended, be it that nobody has asked how. */
export function gone(pid: number | null): boolean {
  if (pid === null) return true;
  const state = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  return state === '' || state.startsWith('Z');
}
