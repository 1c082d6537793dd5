import type { ModelBody, ModelDetailBody, VersionDiffBody } from '@wheelhouse/sdk';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { cut, plain } from './text.ts';

const aliasText = ({ aliases }: ModelBody) => aliases.map(({ alias, version }) => `${plain(alias)} → ${version}`);
const dayOf = (time: string) => time.slice(0, 10);
const heads = (style: Style, ...texts: string[]) => texts.map((text) => ({ text, paint: style.dim }));

/** The table of `wheelhouse model ls`. */
export function modelTable(models: ModelBody[], style: Style): string {
  const rows = models.map((model) => [
    plain(model.name),
    String(model.latest),
    aliasText(model).join(', '),
    plain(model.owner ?? ''),
    plain(model.tags.join(', ')),
    { text: dayOf(model.changedAt), paint: style.dim },
    { text: cut(plain(model.description), 40), paint: style.dim },
  ]);
  const head = heads(style, 'MODEL', 'VERSIONS', 'ALIASES', 'OWNER', 'TAGS', 'CHANGED', '');
  return `${renderTable([head, ...rows], ['left', 'right', 'left', 'left', 'left', 'left', 'left']).join('\n')}\n`;
}

/** A model and its versions, newest first. */
export function modelReport({ model, versions }: ModelDetailBody, style: Style): string {
  const about = [
    model.description,
    ...(model.owner === null ? [] : [`owner ${model.owner}`]),
    ...(model.tags.length === 0 ? [] : [`tags ${model.tags.join(', ')}`]),
  ].filter((text) => text !== '');
  const lines = [`  ${style.bold(plain(model.name))}`, ...about.map((text) => `  ${style.dim(plain(text))}`), ''];
  const rows = versions.map(({ number, definition, author, createdAt, message }) => [
    String(number),
    model.aliases
      .filter(({ version }) => version === number)
      .map(({ alias }) => plain(alias))
      .join(', '),
    definition.flavor,
    plain('baseModel' in definition ? definition.baseModel : ''),
    { text: dayOf(createdAt), paint: style.dim },
    { text: plain(author), paint: style.dim },
    cut(plain(message), 50),
  ]);
  const head = heads(style, 'VERSION', 'ALIASES', 'FLAVOR', 'BASE MODEL', 'MADE', 'BY', 'WHY');
  lines.push(...renderTable([head, ...rows], ['right', 'left', 'left', 'left', 'left', 'left', 'left']));
  return `${lines.join('\n')}\n`;
}

type Line = VersionDiffBody['lines'][number];
const around = 3;

/** Lines that changed, with a few before and after; null stands for those that are left out. */
function hunks(lines: Line[]): (Line | null)[] {
  const near = (at: number) =>
    lines.slice(Math.max(0, at - around), at + around + 1).some(({ kind }) => kind !== 'same');
  return lines.flatMap((line, at): (Line | null)[] => {
    if (near(at)) return [line];
    return at > 0 && near(at - 1) && lines.slice(at).some(({ kind }) => kind !== 'same') ? [null] : [];
  });
}

type Diff = Pick<VersionDiffBody, 'changes' | 'lines'>;

/** What is different in words. */
export const changeLines = (changes: Diff['changes'], style: Style): string[] =>
  changes.map(({ text, breaking }) =>
    breaking ? `  ${style.red('▲')} ${plain(text)}` : `  ${style.dim('·')} ${plain(text)}`,
  );

/** What is different in words, then line by line. */
export function diffReport(title: string, { changes, lines }: Diff, style: Style): string {
  const told = changeLines(changes, style);
  const shown = hunks(lines).map((line) => {
    if (line === null) return style.dim('  …');
    const text = line.text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, ' ');
    if (line.kind === 'same') return `    ${text}`.trimEnd();
    return line.kind === 'added' ? style.green(`  + ${text}`) : style.red(`  - ${text}`);
  });
  if (shown.length === 0) return `  ${style.bold(plain(title))}: no difference\n`;
  return `${[`  ${style.bold(plain(title))}`, ...told, '', ...shown].join('\n')}\n`;
}
