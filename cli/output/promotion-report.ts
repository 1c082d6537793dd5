import type { AliasPlan, Promotion } from '../promote/plan-promotion.ts';
import type { PlannedVersion } from '../publish-package.ts';
import { changeLines } from './model-report.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { plain } from './text.ts';

function versionRow({ model, number, isNew, alias }: PlannedVersion): string[] {
  const led = alias === null ? '' : `, and ${plain(model)}@${alias} leads to it`;
  return [`${plain(model)}@${number}`, `${isNew ? 'is new there' : 'is there already'}${led}`];
}

const percent = (share: number) => `${Math.round(share * 1_000) / 10} %`;

function aliasText({ from, share }: AliasPlan, number: number): string {
  if (from === null) return `is made, at version ${number}`;
  if (from.number === number) return `is at version ${number} already`;
  const part = share === null ? '' : `, ${percent(share)} of its calls`;
  return `is at version ${from.number}${part} → ${number}`;
}

function aliasNotes({ asks, release, alias }: AliasPlan, style: Style): string[] {
  const notes = [];
  if (asks !== null)
    notes.push(
      asks.review
        ? `${plain(alias)} is protected there: each move of it is reviewed, so it is asked for.`
        : `${plain(alias)} is protected there: the ${asks.role}s of the project move it, so it is asked for.`,
    );
  if (release)
    notes.push(`Version ${release.candidate} is on its way to it there, with ${percent(release.share)} of the calls.`);
  return notes.map((note) => `  ${style.yellow('▲')} ${note}`);
}

/** What a promotion changes at the target, before it is done. */
export function promotionReport(
  { origin, plan, alias, evaluated }: Promotion,
  { to, style }: { to: string; style: Style },
): string {
  const { server, model, version } = origin;
  const where = server === to ? server : `${server} → ${to}`;
  const isHere = server === to && plan.model.model === model && !plan.model.isNew;
  const rows = isHere
    ? [[`${plain(model)}@${version}`, 'is at this server: nothing is copied']]
    : [...plan.references, plan.model].map(versionRow);
  if (alias !== null)
    rows.push([`${plain(plan.model.model)}@${plain(alias.alias)}`, aliasText(alias, plan.model.number)]);
  const blocks = [
    [`  ${style.bold(`${plain(model)}@${version}`)}  ${style.dim(where)}`],
    renderTable(rows, ['left', 'left']),
    alias === null ? [] : changeLines(alias.changes, style),
    alias === null ? [] : aliasNotes(alias, style),
    evaluated === null ? [] : [`  Evaluated on ${plain(evaluated.line)}`, `  → ${style.cyan(evaluated.url)}`],
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n\n`;
}
