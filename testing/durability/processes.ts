import { execFileSync } from 'node:child_process';

/** The process of the embedded databases under a server; null while there is none. */
export function databasesOf(serverPid: number): number | null {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' }).trim().split('\n');
  for (const row of rows) {
    const [pid, parent, state] = row.trim().split(/\s+/);
    if (Number(parent) === serverPid && !state?.startsWith('Z')) return Number(pid);
  }
  return null;
}

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
