import { uniformFrom } from '../../stats/index.ts';

/** What a search asks of a problem. Each call counts against the budget. */
export type ThoughtProblem<State> = {
  start: State;
  /** The states that may follow, the likeliest first. */
  expand(state: State, depth: number): Promise<readonly State[]>;
  /** How promising each is; more is better. They are valued at once, since a vote compares them. */
  evaluate(states: readonly State[], depth: number): Promise<readonly number[]>;
  /** Exactly known: true, it solves the problem; false, nothing can come of it; null, it is not over. */
  verify?(state: State): boolean | null;
  /** States of the same key are one. */
  key(state: State): string;
};

export type SearchOptions = {
  /**
   * `bfs`: level by level, the best of each go on. `beam`: the best of all that are open, whatever their level. `dfs`: the
   * best first, down to the end, then back.
   */
  strategy: 'bfs' | 'beam' | 'dfs';
  /** The most steps from the start. */
  depth: number;
  /** How many go on; of `dfs` the most children of a state that are looked at. */
  breadth: number;
  /** The most calls of `expand` and `evaluate` together. */
  budget: number;
  /** States of less value are left; nothing is unless said. */
  prune?: number;
  /** `sample`: which go on is drawn by their values, in place of taking the best. */
  select?: 'best' | 'sample';
  /** Of the draws. */
  seed?: number;
};

export type Found<State> = {
  state: State;
  value: number;
  depth: number;
  /** Whether the verifier said so. */
  solved: boolean;
  ended: 'solved' | 'depth' | 'budget' | 'nothing left';
  calls: number;
  /** How many different states were seen. */
  seen: number;
  /** What was left at the end beside it, the best first; it is the first of them. */
  kept: readonly State[];
};

type Node<State> = { state: State; value: number; depth: number };

/** What all three do: expand a state into its new children, value them, and know when it is over. */
function searcher<State>(problem: ThoughtProblem<State>, options: SearchOptions) {
  const keys = new Set([problem.key(problem.start)]);
  const draw = uniformFrom(options.seed ?? 0);
  let calls = 0;
  let best: Node<State> = { state: problem.start, value: Number.NEGATIVE_INFINITY, depth: 0 };
  const isSpent = () => calls >= options.budget;
  const found = (
    node: Node<State>,
    ended: Found<State>['ended'],
    left: readonly Node<State>[] = [node],
  ): Found<State> => ({
    ...{ ...node, solved: ended === 'solved', ended, calls, seen: keys.size },
    kept: left.map(({ state }) => state),
  });

  return {
    isSpent,
    found,
    best: () => best,
    /** New states only: a duplicate is left out, and so is a state of which nothing can come. */
    async children(nodes: readonly Node<State>[]): Promise<{ states: Node<State>[]; solved: Node<State> | null }> {
      const states: Node<State>[] = [];
      for (const node of nodes) {
        if (isSpent()) break;
        calls++;
        for (const state of await problem.expand(node.state, node.depth)) {
          const key = problem.key(state);
          if (keys.has(key)) continue;
          keys.add(key);
          const verdict = problem.verify?.(state) ?? null;
          const child = { state, value: Number.POSITIVE_INFINITY, depth: node.depth + 1 };
          if (verdict === true) return { states: [], solved: child };
          if (verdict === null) states.push(child);
        }
      }
      return { states, solved: null };
    },
    /** With their values, those below the limit left out. Remembers the best of the deepest. */
    async valued(states: readonly Node<State>[], depth: number): Promise<Node<State>[]> {
      if (states.length === 0 || isSpent()) return [];
      calls++;
      const values = await problem.evaluate(
        states.map(({ state }) => state),
        depth,
      );
      const nodes = states.map((node, i) => ({ ...node, value: values[i] ?? Number.NEGATIVE_INFINITY }));
      for (const node of nodes)
        if (node.depth > best.depth || (node.depth === best.depth && node.value > best.value)) best = node;
      const { prune = Number.NEGATIVE_INFINITY } = options;
      return nodes.filter(({ value }) => value >= prune);
    },
    /** So many of them, in the order of their values; of equals the first. */
    selected(nodes: readonly Node<State>[], count: number): Node<State>[] {
      const order = [...nodes].sort((a, b) => b.value - a.value);
      return options.select === 'sample' ? drawByValue(order, count, draw) : order.slice(0, count);
    },
  };
}

/** Draws without putting back, each as likely as its value says; where none has a value, all alike. */
function drawByValue<State>(nodes: Node<State>[], count: number, draw: () => number): Node<State>[] {
  const left = [...nodes];
  const drawn: Node<State>[] = [];
  while (left.length > 0 && drawn.length < count) {
    const weights = left.map(({ value }) => Math.max(0, value));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let mark = draw() * (total > 0 ? total : left.length);
    const at = left.findIndex((_, i) => {
      mark -= total > 0 ? (weights[i] ?? 0) : 1;
      return mark < 0;
    });
    drawn.push(...left.splice(Math.max(0, at), 1));
  }
  return drawn;
}

type Searcher<State> = ReturnType<typeof searcher<State>>;
const start = <State>(problem: ThoughtProblem<State>): Node<State> => ({ state: problem.start, value: 0, depth: 0 });

async function byLevels<State>(
  search: Searcher<State>,
  problem: ThoughtProblem<State>,
  { depth, breadth }: SearchOptions,
): Promise<Found<State>> {
  let level = [start(problem)];
  for (let step = 1; step <= depth; step++) {
    const { states, solved } = await search.children(level);
    if (solved) return search.found(solved, 'solved');
    const valued = await search.valued(states, step);
    if (valued.length === 0) return search.found(search.best(), search.isSpent() ? 'budget' : 'nothing left');
    level = search.selected(valued, breadth);
  }
  return search.found(level[0] ?? search.best(), 'depth', level);
}

async function byBeam<State>(
  search: Searcher<State>,
  problem: ThoughtProblem<State>,
  { depth, breadth }: SearchOptions,
): Promise<Found<State>> {
  let open = [start(problem)];
  const done: Node<State>[] = [];
  while (open.length > 0 && !search.isSpent()) {
    const grown: Node<State>[] = [];
    for (const node of open) {
      const { states, solved } = await search.children([node]);
      if (solved) return search.found(solved, 'solved');
      grown.push(...(await search.valued(states, node.depth + 1)));
    }
    done.push(...grown.filter((node) => node.depth >= depth));
    const worst = done.length < breadth ? null : (search.selected(done, breadth).at(-1)?.value ?? null);
    open = search.selected(
      grown.filter((node) => node.depth < depth && (worst === null || node.value > worst)),
      breadth,
    );
  }
  const kept = search.selected(done, breadth);
  const [best] = kept;
  if (best) return search.found(best, 'depth', kept);
  return search.found(search.best(), search.isSpent() ? 'budget' : 'nothing left');
}

async function byDepth<State>(
  search: Searcher<State>,
  problem: ThoughtProblem<State>,
  { depth, breadth }: SearchOptions,
): Promise<Found<State>> {
  // The next to look at stands last.
  const stack = [start(problem)];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (search.isSpent()) return search.found(search.best(), 'budget');
    if (node.depth === depth) {
      // Without a verifier the first way that comes to its end is the answer.
      if (problem.verify === undefined) return search.found(node, 'depth');
      continue;
    }
    const { states, solved } = await search.children([node]);
    if (solved) return search.found(solved, 'solved');
    const valued = await search.valued(states, node.depth + 1);
    stack.push(...search.selected(valued, breadth).reverse());
  }
  return search.found(search.best(), search.isSpent() ? 'budget' : 'nothing left');
}

/**
 * Searches a tree of thoughts (Yao et al. 2023). A verifier that knows exactly ends it at the first solution; without one,
 * or without a solution, the most promising of the deepest states is given, and how it ended.
 */
export function searchThoughts<State>(problem: ThoughtProblem<State>, options: SearchOptions): Promise<Found<State>> {
  const search = searcher(problem, options);
  const by = { bfs: byLevels, beam: byBeam, dfs: byDepth }[options.strategy];
  return by(search, problem, options);
}
