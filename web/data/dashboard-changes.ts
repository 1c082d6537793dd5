import type { PanelBody } from '@wheelhouse/sdk';
import type { DashboardDefinition } from './dashboard-edits.ts';

/** So many panels are named, others counted. */
const mostNamed = 3;

function named(titles: readonly string[], what: (isOne: boolean) => string): string[] {
  if (titles.length === 0) return [];
  const shown = titles.slice(0, mostNamed).map((title) => `“${title}”`);
  const more = titles.length > mostNamed ? [`${titles.length - mostNamed} more`] : [];
  const all = [...shown, ...more];
  const list = all.length === 1 ? all[0] : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
  return [`${list} ${what(titles.length === 1)}`];
}

const shownOf = ({ width: _, height: __, ...shown }: PanelBody) => JSON.stringify(shown);
const sizeOf = ({ width, height }: PanelBody) => `${width} ${height}`;

/** What is different in theirs, in a few words; empty: nothing. */
export function dashboardChanges(mine: DashboardDefinition, theirs: DashboardDefinition): string {
  const own = new Map(mine.panels.map((panel) => [panel.id, panel]));
  const ids = new Set(theirs.panels.map(({ id }) => id));
  const both = theirs.panels.flatMap((panel) => {
    const was = own.get(panel.id);
    return was === undefined ? [] : [{ was, panel }];
  });
  const titles = (panels: readonly PanelBody[]) => panels.map(({ title }) => title);
  const order = (panels: readonly PanelBody[], other: (id: string) => boolean) =>
    panels.flatMap(({ id }) => (other(id) ? [id] : [])).join(' ');
  const isMoved = order(mine.panels, (id) => ids.has(id)) !== order(theirs.panels, (id) => own.has(id));
  const isResized = both.some(({ was, panel }) => sizeOf(was) !== sizeOf(panel));
  return [
    ...(mine.title === theirs.title ? [] : [`it is called “${theirs.title}”`]),
    ...named(titles(theirs.panels.filter(({ id }) => !own.has(id))), (isOne) => (isOne ? 'is new' : 'are new')),
    ...named(titles(mine.panels.filter(({ id }) => !ids.has(id))), (isOne) => (isOne ? 'is gone' : 'are gone')),
    ...named(
      both.flatMap(({ was, panel }) => (shownOf(was) === shownOf(panel) ? [] : [panel.title])),
      (isOne) => (isOne ? 'shows something else' : 'show something else'),
    ),
    ...(isMoved || isResized ? ['panels are arranged otherwise'] : []),
  ].join('; ');
}
