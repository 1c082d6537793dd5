import { type Node, parsePattern } from './parse-pattern.ts';

export type Flag = 'i' | 'm' | 's';

type Step =
  | { do: 'take'; fits: (character: string) => boolean }
  | { do: 'assert'; holds: Assertion }
  | { do: 'fork'; to: number[] }
  | { do: 'match' };
type Assertion = (before: string | undefined, after: string | undefined) => boolean;

/** Steps of a pattern once its counted repeats are written out. */
const mostSteps = 5_000;
/** Steps times characters: below a second. */
const mostWork = 50_000_000;

const lineEnd = /[\n\r\u2028\u2029]/u;

/** One character at a time goes to the engine's own matcher, which cannot backtrack there; what it said is kept. */
function fitter(source: string, flags: string): (character: string) => boolean {
  const expression = new RegExp(`^(?:${source})$`, flags);
  const known = new Map<string, boolean>();
  return (character) => {
    const before = known.get(character);
    if (before !== undefined) return before;
    const fits = expression.test(character);
    known.set(character, fits);
    return fits;
  };
}

function assertionOf(kind: '^' | '$' | 'b' | 'B', flags: readonly Flag[]): Assertion {
  const isEdge = (character: string | undefined) =>
    character === undefined || (flags.includes('m') && lineEnd.test(character));
  if (kind === '^') return (before) => isEdge(before);
  if (kind === '$') return (_before, after) => isEdge(after);
  const word = fitter('\\w', flags.includes('i') ? 'iu' : 'u');
  const isBoundary: Assertion = (before, after) =>
    (before !== undefined && word(before)) !== (after !== undefined && word(after));
  return kind === 'b' ? isBoundary : (before, after) => !isBoundary(before, after);
}

/** The pattern as a list of steps; null when it is too large. */
function compile(pattern: Node, flags: readonly Flag[]): Step[] | null {
  const steps: Step[] = [];
  const nativeFlags = `u${flags.includes('i') ? 'i' : ''}${flags.includes('s') ? 's' : ''}`;
  const fits = new Map<string, (character: string) => boolean>();
  const fitsOf = (source: string) => {
    const known = fits.get(source) ?? fitter(source, nativeFlags);
    fits.set(source, known);
    return known;
  };
  /** false: there are too many. */
  const add = (step: Step) => steps.push(step) <= mostSteps;

  function addRepeat({ item, min, max }: Extract<Node, { is: 'repeat' }>): boolean {
    for (let count = 0; count < min; count++) if (!addNode(item)) return false;
    if (max === Number.POSITIVE_INFINITY) {
      const fork = { do: 'fork' as const, to: [steps.length + 1] };
      const start = steps.length;
      if (!add(fork) || !addNode(item) || !add({ do: 'fork', to: [start] })) return false;
      fork.to.push(steps.length);
      return true;
    }
    const forks: number[][] = [];
    for (let count = min; count < max; count++) {
      const to = [steps.length + 1];
      forks.push(to);
      if (!add({ do: 'fork', to }) || !addNode(item)) return false;
    }
    for (const to of forks) to.push(steps.length);
    return true;
  }

  function addChoice(options: readonly Node[]): boolean {
    const starts: number[] = [];
    const ends: number[][] = [];
    if (!add({ do: 'fork', to: starts })) return false;
    for (const option of options) {
      starts.push(steps.length);
      const to: number[] = [];
      ends.push(to);
      if (!addNode(option) || !add({ do: 'fork', to })) return false;
    }
    for (const to of ends) to.push(steps.length);
    return true;
  }

  function addNode(node: Node): boolean {
    if (node.is === 'character') return add({ do: 'take', fits: fitsOf(node.source) });
    if (node.is === 'assertion') return add({ do: 'assert', holds: assertionOf(node.kind, flags) });
    if (node.is === 'sequence') return node.items.every(addNode);
    return node.is === 'choice' ? addChoice(node.options) : addRepeat(node);
  }

  return addNode(pattern) && add({ do: 'match' }) ? steps : null;
}

/** Whether the pattern occurs in the text: all ways at once, one character after the other. */
function search(steps: readonly Step[], characters: readonly string[]): boolean {
  const seen = new Int32Array(steps.length).fill(-1);
  let waiting: number[] = [];
  for (let at = 0; at <= characters.length; at++) {
    const [before, after] = [characters[at - 1], characters[at]];
    const open = [...waiting, 0];
    waiting = [];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      if (seen[place] === at) continue;
      seen[place] = at;
      const step = steps[place] as Step;
      if (step.do === 'match') return true;
      if (step.do === 'fork') open.push(...step.to);
      else if (step.do === 'assert') {
        if (step.holds(before, after)) open.push(place + 1);
      } else if (after !== undefined && step.fits(after)) waiting.push(place + 1);
    }
  }
  return false;
}

export type LinearRegex = {
  /** null: the text is too long for this pattern. */
  test(text: string): boolean | null;
};

/**
 * A JavaScript regular expression (with flag `u`) without what needs backtracking: look-around and back-references are
 * refused. It is run as an automaton (K. Thompson, CACM 11 (1968) 419–422), so that a match takes at most the pattern's
 * size times the text's length, whatever both are.
 * @returns the expression, or one sentence on why there is none
 */
export function linearRegex(pattern: string, flags: readonly Flag[] = []): LinearRegex | string {
  const parsed = parsePattern(pattern);
  if (typeof parsed === 'string') return parsed;
  const steps = compile(parsed, flags);
  if (steps === null) return `the pattern has more than ${mostSteps} steps once its repeats are written out`;
  return {
    test: (text) => {
      const characters = [...text];
      return steps.length * characters.length > mostWork ? null : search(steps, characters);
    },
  };
}
