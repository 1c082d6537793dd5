import type { DashboardBody, PanelBody } from '@wheelhouse/sdk';

export type DashboardDefinition = Pick<DashboardBody, 'title' | 'panels'>;
/** What somebody does to a dashboard, whatever it is when that is kept. */
type Change = {
  apply(definition: DashboardDefinition): DashboardDefinition;
  /** It puts back all as it was, so that it would take back what others did meanwhile. */
  isWhole: boolean;
};

/** What others did since: another dashboard, or none any more. */
export type Meanwhile = { theirs: DashboardBody | null };

type ShownDashboard = {
  dashboard: DashboardBody;
  canUndo: boolean;
  meanwhile: Meanwhile | null;
};

type DashboardApi = {
  /** Of this revision alone; 0 where there is none. */
  keep(definition: DashboardDefinition, ifRevision: number): Promise<DashboardBody>;
  read(): Promise<DashboardBody>;
  /** Whether it was refused because it is another by now. */
  isConflict(error: unknown): boolean;
};

type Telling = {
  /** It was kept like that. */
  kept(dashboard: DashboardBody): void;
  say(text: string): void;
};

/** As far back as one can go. */
const mostUndone = 50;
/** Others may keep theirs again and again while mine is on its way. */
const mostTries = 5;

const definitionOf = ({ title, panels }: DashboardDefinition): DashboardDefinition => ({ title, panels });
const isSame = (one: DashboardDefinition, other: DashboardDefinition) =>
  JSON.stringify(definitionOf(one)) === JSON.stringify(definitionOf(other));

/** Of one that was made anew no count says what came later. */
const isLater = (one: DashboardBody, other: DashboardBody) => one.id !== other.id || one.revision > other.revision;

const contentOf = ({ width: _, height: __, ...shown }: PanelBody) => JSON.stringify(shown);

/** Titles of panels that both changed, and that are now as `mine` has them. */
function overwritten(was: DashboardDefinition, theirs: DashboardDefinition, mine: DashboardDefinition): string[] {
  const find = ({ panels }: DashboardDefinition, id: string) => panels.find((panel) => panel.id === id);
  return mine.panels.flatMap((panel) => {
    const [before, other] = [find(was, panel.id), find(theirs, panel.id)];
    if (before === undefined || other === undefined) return [];
    const [old, own, their] = [before, panel, other].map(contentOf);
    return own !== old && their !== old && own !== their ? [other.title] : [];
  });
}

type DashboardEdits = {
  shown(): ShownDashboard;
  onShown(listener: () => void): () => void;
  /** It was read again; null: it is gone. */
  saw(dashboard: DashboardBody | null): void;
  change(apply: Change['apply']): boolean;
  undo(): void;
  showTheirs(): void;
  /** What is shown, as a new one, where it was removed. */
  makeAgain(): void;
};

/**
 * Changes of a dashboard: seen at once, kept one after another, the last of several that come while one is kept. What others
 * keep meanwhile is not shown until somebody asks for it, or changes something: that is done to theirs then, so
 * that nothing of either is lost.
 */
export function createDashboardEdits(first: DashboardBody, api: DashboardApi, telling: Telling): DashboardEdits {
  const listeners = new Set<() => void>();
  /** What was kept last, as far as it is shown here; and the newest that is known. */
  let [base, newest]: [DashboardBody, DashboardBody | null] = [first, first];
  let before: DashboardDefinition[] = [];
  let waiting: Change[] = [];
  let isBusy = false;
  let shown: ShownDashboard = { dashboard: first, canUndo: false, meanwhile: null };

  const applied = (changes: readonly Change[]): DashboardBody => ({
    ...base,
    ...changes.reduce((definition, { apply }) => apply(definition), definitionOf(base)),
  });

  function show(changes: readonly Change[] = waiting): void {
    const isOther = newest === null || (isLater(newest, base) && !isSame(newest, base));
    const meanwhile = isOther && !isBusy ? { theirs: newest } : null;
    shown = { dashboard: applied(changes), canUndo: before.length > 0, meanwhile };
    for (const listener of listeners) listener();
  }

  /** Makes them in what others kept; what would take that back is left out. */
  function movedOver(batch: Change[], theirs: DashboardBody): Change[] {
    const isNews = !isSame(theirs, base);
    const was = base;
    base = theirs;
    if (!isNews) return batch;
    before = [];
    const kept = batch.filter(({ isWhole }) => !isWhole);
    if (kept.length === 0) {
      telling.say(`▲ ${theirs.changedBy} changed it meanwhile: that is not taken back`);
      return kept;
    }
    before = [definitionOf(theirs)];
    const lost = overwritten(was, theirs, applied(kept));
    const stands = lost.length === 0 ? '' : `; “${lost.join('”, “')}” is as you made it, and u gives theirs back`;
    telling.say(`✓ Done in what ${theirs.changedBy} kept meanwhile${stands}`);
    return kept;
  }

  async function keepBatch(given: Change[]): Promise<void> {
    let batch = given;
    for (let tries = 0; batch.length > 0; tries++) {
      if (newest !== null && isLater(newest, base)) batch = movedOver(batch, newest);
      show([...batch, ...waiting]);
      if (batch.length === 0) return;
      try {
        const made = await api.keep(definitionOf(applied(batch)), base.revision);
        base = made;
        if (newest?.id !== made.id || newest.revision < made.revision) newest = made;
        telling.kept(made);
        return;
      } catch (error) {
        if (!api.isConflict(error) || tries >= mostTries) throw error;
        newest = await api.read();
      }
    }
  }

  async function keep(): Promise<void> {
    isBusy = true;
    try {
      while (waiting.length > 0) await keepBatch(waiting.splice(0));
    } catch (error) {
      waiting = [];
      before = [];
      telling.say(`✕ ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      isBusy = false;
      show();
    }
  }

  function put(change: Change): void {
    waiting.push(change);
    if (isBusy) shown = { ...shown, dashboard: { ...shown.dashboard, ...change.apply(shown.dashboard) } };
    if (isBusy) for (const listener of listeners) listener();
    else void keep();
  }

  return {
    shown: () => shown,
    onShown(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    saw(dashboard) {
      if (dashboard !== null && newest !== null && !isLater(dashboard, newest)) return;
      newest = dashboard;
      if (!isBusy) show();
    },
    change(apply) {
      const was = definitionOf(shown.dashboard);
      if (isSame(apply(was), was)) return false;
      before = [...before, was].slice(-mostUndone);
      put({ apply, isWhole: false });
      return true;
    },
    undo() {
      const last = before.at(-1);
      if (!last) return;
      before = before.slice(0, -1);
      put({ apply: () => last, isWhole: true });
      telling.say('✓ As it was before');
    },
    showTheirs() {
      if (newest === null || isBusy) return;
      base = newest;
      before = [];
      show();
    },
    makeAgain() {
      if (newest !== null || isBusy) return;
      newest = { ...base, revision: 0 };
      base = newest;
      put({ apply: (definition) => definition, isWhole: false });
    },
  };
}
