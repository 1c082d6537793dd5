import { beamDistance, type Edit } from './beam-distance.ts';
import type { Segment } from './bleu.ts';
import { addUp, separateMarks, splitWords, trimEnd, unescapeXml } from './words.ts';

export type TerOptions = {
  caseSensitive?: boolean;
  /** Marks become words of their own, by Tercom's rules for Western languages. */
  normalized?: boolean;
  /** Marks are left out. */
  noPunctuation?: boolean;
};

const longestShift = 10;
const farthestShift = 50;
const mostCandidates = 1000;

const normalize = (text: string): string =>
  separateMarks(` ${unescapeXml(text.replaceAll('\n-', '').replaceAll('\n', ' '))} `, (line) =>
    line.replaceAll("'s ", " 's ").replace(/'s$/u, " 's"),
  );

export function terWords(text: string, options: TerOptions = {}): string[] {
  const cased = options.caseSensitive ? trimEnd(text) : trimEnd(text).toLowerCase();
  const normal = options.normalized && cased !== '' ? normalize(cased) : cased;
  return splitWords(options.noPunctuation ? normal.replace(/[.,?:;!"()]/gu, '') : normal);
}

/** Where each word of the reference falls in the output, and which words of both are wrong. */
function alignmentOf(trace: readonly Edit[]) {
  const places: number[] = [];
  const wrongReference: boolean[] = [];
  const wrongOutput: boolean[] = [];
  let place = -1;
  for (const edit of trace) {
    if (edit !== 'i') {
      place++;
      wrongOutput.push(edit !== '=');
    }
    if (edit !== 'd') {
      places.push(place);
      wrongReference.push(edit !== '=');
    }
  }
  return { places, wrongReference, wrongOutput };
}

type Run = { from: number; at: number; length: number };

/** Runs of words that both have, at places that are not too far apart. */
function* sharedRuns(words: readonly string[], reference: readonly string[]): Generator<Run> {
  for (let from = 0; from < words.length; from++) {
    const last = Math.min(reference.length - 1, from + farthestShift);
    for (let at = Math.max(0, from - farthestShift); at <= last; at++)
      for (let length = 1; length <= longestShift; length++) {
        const [word, other] = [words[from + length - 1], reference[at + length - 1]];
        if (word === undefined || word !== other) break;
        yield { from, at, length };
      }
  }
}

function move(words: readonly string[], { from, length }: Run, to: number): string[] {
  const run = words.slice(from, from + length);
  const rest = [...words.slice(0, from), ...words.slice(from + length)];
  const target = to > from + length ? to - length : to;
  return [...rest.slice(0, target), ...run, ...rest.slice(target)];
}

type Shift = { gain: number; run: Run; to: number; words: string[] };

/** More gain first, then the longer run, then the earlier one, then the earlier target. */
function isBetter(one: Shift, other: Shift): boolean {
  const order = [
    one.gain - other.gain,
    one.run.length - other.run.length,
    other.run.from - one.run.from,
    other.to - one.to,
  ];
  return (order.find((difference) => difference !== 0) ?? 0) > 0;
}

/** Targets of a run, each once: before the words that its reference words fall on. */
function targetsOf({ at, length }: Run, places: readonly number[]): number[] {
  const targets: number[] = [];
  for (let offset = -1; offset < length; offset++) {
    if (at + offset >= places.length) break;
    const to = at + offset === -1 ? 0 : (places[at + offset] as number) + 1;
    if (to !== targets.at(-1)) targets.push(to);
  }
  return targets;
}

/** The shift that saves most; `checked` counts the shifts that were tried so far. */
function bestShift(words: readonly string[], reference: readonly string[], checked: number) {
  const base = beamDistance(words, reference);
  const { places, wrongReference, wrongOutput } = alignmentOf(base.trace());
  let best: Shift | null = null;
  let tried = checked;
  for (const run of sharedRuns(words, reference)) {
    const { from, at, length } = run;
    if (!wrongOutput.slice(from, from + length).includes(true)) continue;
    if (!wrongReference.slice(at, at + length).includes(true)) continue;
    const place = places[at] as number;
    if (from <= place && place < from + length) continue;
    for (const to of targetsOf(run, places)) {
      const moved = move(words, run, to);
      const shift: Shift = { gain: base.distance - base.distanceOf(moved), run, to, words: moved };
      tried++;
      if (best === null || isBetter(shift, best)) best = shift;
    }
    if (tried >= mostCandidates) break;
  }
  return { best, tried };
}

/** Shifts of runs of words, one edit each, while they pay, and then insertions, deletions and replacements. */
function countEdits(words: readonly string[], reference: readonly string[]): number {
  if (reference.length === 0) return words.length;
  let current = words;
  let tried = 0;
  for (let shifts = 0; ; shifts++) {
    const found = bestShift(current, reference, tried);
    tried = found.tried;
    if (tried >= mostCandidates || found.best === null || found.best.gain <= 0)
      return shifts + beamDistance(current, reference).distance;
    current = found.best.words;
  }
}

/** [fewest edits, mean length of the references in words] */
function countsOf({ output, references }: Segment, options: TerOptions): number[] {
  const words = terWords(output, options);
  const others = references.map((reference) => terWords(reference, options));
  const lengths = others.reduce((sum, other) => sum + other.length, 0);
  return [Math.min(...others.map((other) => countEdits(words, other))), lengths / others.length];
}

function rate([edits = 0, length = 0]: number[]): number {
  if (length > 0) return 100 * (edits / length);
  return edits > 0 ? 100 : 0;
}

/**
 * Translation edit rate of one segment, in percent: 0 is the reference itself, and it may pass 100.
 * M. Snover et al., AMTA 2006; as sacreBLEU's, without its rules for Asian scripts.
 */
export const sentenceTer = (segment: Segment, options: TerOptions = {}): number => rate(countsOf(segment, options));

/** Translation edit rate of a corpus: edits and lengths are summed over segments first. */
export const corpusTer = (segments: readonly Segment[], options: TerOptions = {}): number =>
  rate(addUp(segments.map((segment) => countsOf(segment, options))));
