export type Node =
  | { is: 'character'; source: string }
  | { is: 'assertion'; kind: '^' | '$' | 'b' | 'B' }
  | { is: 'sequence'; items: Node[] }
  | { is: 'choice'; options: Node[] }
  | { is: 'repeat'; item: Node; min: number; max: number };

/** Longest pattern, in UTF-16 units; it bounds how deep groups nest, too. */
const longest = 2_000;

const escaped =
  /\\(?:u\{[0-9a-f]+\}|u[dD][89abAB][0-9a-f]{2}\\u[dD][c-fC-F][0-9a-f]{2}|u[0-9a-f]{4}|x[0-9a-f]{2}|c[a-z]|[pP]\{[^}]*\}|.)/iuy;
const characterClass = /\[(?:\\.|[^\]\\])*\]/suy;
const counted = /\{(\d+)(,?)(\d*)\}/uy;
const groupStart = /\((?:\?:|\?<[^=!>]+>)?/uy;
const anyCharacter = /./suy;

function syntaxProblem(pattern: string): string | null {
  try {
    new RegExp(pattern, 'u');
    return null;
  } catch (error) {
    return `it is no regular expression: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function parse(pattern: string): Node | string {
  let at = 0;
  let refused: string | null = null;
  /** Ends the reading; the first reason is the one that is told. */
  const refuse = (reason: string): Node => {
    refused ??= reason;
    at = pattern.length;
    return { is: 'sequence', items: [] };
  };
  const read = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at;
    const found = expression.exec(pattern);
    if (found) at = expression.lastIndex;
    return found;
  };

  function readEscape(): Node {
    const [source = ''] = read(escaped) ?? [];
    if (source === '\\b' || source === '\\B') return { is: 'assertion', kind: source === '\\b' ? 'b' : 'B' };
    if (/^\\[1-9k]/u.test(source)) return refuse('it refers back to a group, which cannot be bounded');
    return { is: 'character', source };
  }

  function readGroup(): Node {
    if (/^\(\?<?[=!]/u.test(pattern.slice(at, at + 4)))
      return refuse('it looks ahead or behind, which cannot be bounded');
    if (/^\(\?[a-z-]/u.test(pattern.slice(at, at + 3))) return refuse('it changes flags inside; give them as `flags`');
    read(groupStart);
    const inside = readChoice();
    at++;
    return inside;
  }

  function readAtom(): Node {
    const next = pattern[at];
    if (next === '(') return readGroup();
    if (next === '\\') return readEscape();
    if (next === '^' || next === '$') {
      at++;
      return { is: 'assertion', kind: next };
    }
    const [source = ''] = read(next === '[' ? characterClass : anyCharacter) ?? [];
    return { is: 'character', source: source === '/' ? '\\/' : source };
  }

  function readRepeat(item: Node): Node {
    const bounds = { '*': [0, Number.POSITIVE_INFINITY], '+': [1, Number.POSITIVE_INFINITY], '?': [0, 1] } as const;
    const mark = pattern[at] as keyof typeof bounds;
    let found: readonly [number, number] | null = null;
    if (Object.hasOwn(bounds, mark)) {
      found = bounds[mark];
      at++;
    } else {
      const match = read(counted);
      if (match) {
        const min = Number(match[1]);
        const max = match[3] ? Number(match[3]) : match[2] ? Number.POSITIVE_INFINITY : min;
        found = [min, max];
      }
    }
    if (!found) return item;
    // Lazy or greedy: whether it occurs is the same.
    if (pattern[at] === '?') at++;
    return { is: 'repeat', item, min: found[0], max: found[1] };
  }

  function readChoice(): Node {
    const options: Node[] = [];
    let items: Node[] = [];
    while (at < pattern.length && pattern[at] !== ')') {
      if (pattern[at] === '|') {
        at++;
        options.push({ is: 'sequence', items });
        items = [];
      } else items.push(readRepeat(readAtom()));
    }
    options.push({ is: 'sequence', items });
    return options.length === 1 ? (options[0] as Node) : { is: 'choice', options };
  }

  const node = readChoice();
  return refused ?? node;
}

/** A regular expression of JavaScript with flag `u` as a tree, or one sentence on why it cannot be one. */
export function parsePattern(pattern: string): Node | string {
  if (pattern.length > longest) return `it is longer than ${longest} characters`;
  const problem = syntaxProblem(pattern);
  if (problem !== null) return problem;
  return parse(pattern);
}
