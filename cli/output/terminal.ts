import type { Config } from '../config.ts';
import { colorStyle, plainStyle, type Style } from './style.ts';

/** Results go to `out`, progress and hints to `err`. */
export type Terminal = {
  out(text: string): void;
  err(text: string): void;
  outStyle: Style;
  errStyle: Style;
  /** Whether a line on `err` may be drawn again. */
  live: boolean;
};

export function openTerminal(config: Config): Terminal {
  const { stdout, stderr } = process;
  // Whoever reads along, `head` for one, may have seen enough.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    outStyle: config.color && stdout.isTTY ? colorStyle : plainStyle,
    errStyle: config.color && stderr.isTTY ? colorStyle : plainStyle,
    live: config.redraw && stderr.isTTY === true,
  };
}
