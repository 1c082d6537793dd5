import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Whether what this room reads of other processes is there. */
export const canReadProcesses = process.platform === 'linux';

/** Sockets that a process holds now. */
export function socketsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  const target = (fd: string) => {
    try {
      return readlinkSync(`${folder}/${fd}`);
    } catch {
      // It was closed since the folder was read.
      return '';
    }
  };
  return readdirSync(folder).filter((fd) => target(fd).startsWith('socket:')).length;
}

/** Resident memory of a process. */
export function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN);
}
