type Paint = (text: string) => string;
export type Style = Record<'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan', Paint>;

const ansi =
  (on: number, off: number): Paint =>
  (text) =>
    `\u001b[${on}m${text}\u001b[${off}m`;
const same: Paint = (text) => text;

export const plainStyle: Style = { bold: same, dim: same, green: same, red: same, yellow: same, cyan: same };
export const colorStyle: Style = {
  bold: ansi(1, 22),
  dim: ansi(2, 22),
  green: ansi(32, 39),
  red: ansi(31, 39),
  yellow: ansi(33, 39),
  cyan: ansi(36, 39),
};
