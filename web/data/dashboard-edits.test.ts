import type { DashboardBody, PanelBody } from '@wheelhouse/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dashboardChanges } from './dashboard-changes.ts';
import { createDashboardEdits, type DashboardDefinition } from './dashboard-edits.ts';

const panelOf = (id: string, more: object = {}) =>
  ({ id, title: id.toUpperCase(), kind: 'text', text: id, width: 6, height: 2, ...more }) as PanelBody;
const bodyOf = (ids: string[], more: Partial<DashboardBody> = {}): DashboardBody => ({
  ...{ id: 'dash_1', name: 'd', title: 'D', panels: ids.map((id) => panelOf(id)), revision: 1 },
  ...{ createdBy: 'ann', createdAt: '2026-11-22T10:00:00Z', changedBy: 'ann', changedAt: '2026-11-22T10:00:00Z' },
  ...more,
});
const idsOf = ({ panels }: DashboardDefinition) => panels.map(({ id }) => id);
const add = (id: string) => (definition: DashboardDefinition) => ({
  ...definition,
  panels: [...definition.panels, panelOf(id)],
});
const conflict = new Error('It is at another revision.');
/** Until all that was begun has ended. */
const settled = () => new Promise(setImmediate);

/** A page on a server that others change as well. */
function open(first = bodyOf(['a'])) {
  const server = { now: first as DashboardBody | null, asked: 0, fails: false };
  const said: string[] = [];
  const keep = (definition: DashboardDefinition, by: string) => {
    const before = server.now ?? bodyOf([], { id: 'dash_2', revision: 0 });
    server.now = { ...before, ...definition, revision: before.revision + 1, changedBy: by };
    return server.now;
  };
  const edits = createDashboardEdits(
    first,
    {
      async keep(definition, ifRevision) {
        server.asked++;
        await null;
        if (server.fails) throw new Error('The server is away.');
        if (ifRevision !== (server.now?.revision ?? 0)) throw conflict;
        return keep(definition, 'me');
      },
      async read() {
        await null;
        if (server.now === null) throw new Error('There is none.');
        return server.now;
      },
      isConflict: (error) => error === conflict,
    },
    { kept: () => {}, say: (text) => said.push(text) },
  );
  const others = (change: (definition: DashboardDefinition) => DashboardDefinition, by = 'bob') =>
    keep(change(server.now ?? first), by);
  return { server, edits, said, others };
}

describe('changes of a dashboard', () => {
  it('keep what others changed out of sight until somebody asks for it', async () => {
    const { edits, others, server } = open();
    edits.saw(others(add('theirs')));
    expect(idsOf(edits.shown().dashboard)).toEqual(['a']);
    expect(edits.shown().meanwhile?.theirs).toBe(server.now);
    edits.showTheirs();
    expect(edits.shown()).toMatchObject({ meanwhile: null, canUndo: false, dashboard: { revision: 2 } });
    expect(idsOf(edits.shown().dashboard)).toEqual(['a', 'theirs']);
  });

  it('are done to what others kept, known or not, and can be taken back alone', async () => {
    for (const isKnown of [true, false]) {
      const { edits, others, server, said } = open();
      others(add('theirs'));
      if (isKnown) edits.saw(server.now);
      edits.change(add('mine'));
      await settled();
      expect(idsOf(server.now ?? bodyOf([]))).toEqual(['a', 'theirs', 'mine']);
      expect(edits.shown()).toMatchObject({ meanwhile: null, dashboard: { revision: 3 } });
      expect(said).toEqual(['✓ Done in what bob kept meanwhile']);
      expect(server.asked).toBe(isKnown ? 1 : 2);
      edits.undo();
      await settled();
      expect(idsOf(server.now ?? bodyOf([]))).toEqual(['a', 'theirs']);
    }
  });

  it('say where both changed the same panel, and give theirs back', async () => {
    const { edits, others, server, said } = open(bodyOf(['a', 'b']));
    const write = (id: string, text: string) => (definition: DashboardDefinition) => ({
      ...definition,
      panels: definition.panels.map((panel) => (panel.id === id ? { ...panel, text } : panel) as PanelBody),
    });
    others((definition) => write('a', 'theirs')(write('b', 'theirs')(definition)));
    edits.change(write('a', 'mine'));
    await settled();
    const texts = () => server.now?.panels.map((panel) => (panel.kind === 'text' ? panel.text : ''));
    expect(texts()).toEqual(['mine', 'theirs']);
    expect(said).toEqual(['✓ Done in what bob kept meanwhile; “A” is as you made it, and u gives theirs back']);
    edits.undo();
    await settled();
    expect(texts()).toEqual(['theirs', 'theirs']);
  });

  it('are not taken back where that would take back what others did', async () => {
    const { edits, others, server, said } = open();
    edits.change(add('mine'));
    await settled();
    others(add('theirs'));
    edits.undo();
    await settled();
    expect(idsOf(server.now ?? bodyOf([]))).toEqual(['a', 'mine', 'theirs']);
    expect(said.at(-1)).toBe('▲ bob changed it meanwhile: that is not taken back');
    expect(edits.shown().canUndo).toBe(false);
  });

  it('lose nothing of anybody, in whatever order they come', async () => {
    const steps = fc.array(fc.constantFrom('mine', 'theirs', 'see', 'wait'), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { edits, others, server } = open(bodyOf([]));
        const added: string[] = [];
        for (const [i, step] of all.entries()) {
          if (step === 'mine') edits.change(add(`p${i}`));
          if (step === 'theirs') others(add(`p${i}`));
          if (step === 'mine' || step === 'theirs') added.push(`p${i}`);
          if (step === 'see') edits.saw(server.now);
          if (step === 'wait') await settled();
        }
        await settled();
        expect(idsOf(server.now ?? bodyOf([])).sort()).toEqual(added.sort());
        edits.saw(server.now);
        edits.showTheirs();
        expect(edits.shown().dashboard).toEqual(server.now);
      }),
    );
  });

  it('are shown at once, and as they are kept where the server is away', async () => {
    const { edits, server, said } = open();
    server.fails = true;
    expect(edits.change((definition) => definition)).toBe(false);
    edits.change(add('mine'));
    expect(idsOf(edits.shown().dashboard)).toEqual(['a', 'mine']);
    await settled();
    expect(idsOf(edits.shown().dashboard)).toEqual(['a']);
    expect(said).toEqual(['✕ The server is away.']);
  });

  it('make one again that somebody removed', async () => {
    const { edits, server } = open();
    server.now = null;
    edits.saw(null);
    expect(edits.shown().meanwhile).toEqual({ theirs: null });
    expect(idsOf(edits.shown().dashboard)).toEqual(['a']);
    edits.makeAgain();
    await settled();
    expect(server.now).toMatchObject({ id: 'dash_2', revision: 1 });
    expect(edits.shown()).toMatchObject({ meanwhile: null, dashboard: { id: 'dash_2' } });
    edits.change(add('mine'));
    await settled();
    expect(idsOf(server.now ?? bodyOf([]))).toEqual(['a', 'mine']);
  });
});

describe('what others changed', () => {
  it('is said panel by panel', () => {
    const mine = bodyOf(['a', 'b', 'c']);
    const said = (panels: PanelBody[], title = 'D') => dashboardChanges(mine, { title, panels });
    const [a, b, c] = mine.panels as [PanelBody, PanelBody, PanelBody];
    expect(said([a, b, c])).toBe('');
    expect(said([a, b], 'New')).toBe('it is called “New”; “C” is gone');
    expect(said([a, { ...b, title: 'Other' }, c, panelOf('d'), panelOf('e')])).toBe(
      '“D” and “E” are new; “Other” shows something else',
    );
    expect(said([b, a, c])).toBe('panels are arranged otherwise');
    expect(said([{ ...a, width: 12 }, b, c])).toBe('panels are arranged otherwise');
    const many = ['d', 'e', 'f', 'g', 'h'].map((id) => panelOf(id));
    expect(said([a, b, c, ...many])).toBe('“D”, “E”, “F” and 2 more are new');
  });
});
