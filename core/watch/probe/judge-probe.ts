import type { ProbeState } from '../../records/index.ts';
import { conformalP, eValueOf, nextDetector, noDetector, uniformFrom } from '../../stats/index.ts';
import { textVector } from '../drift/text-vector.ts';
import type { Judgement } from '../monitor/judge-window.ts';

export const noProbe: ProbeState = { runs: [], detector: noDetector, changedAt: null };

/** On average so many runs pass until a change is called that was none. */
const runsToFalse = 1_000;
/** With fewer nobody knows how much answers differ anyhow. */
export const leastProbeRuns = 5;
/** Each run is held against all that are remembered; then the last ones begin a new time. */
const [mostRuns, keptRuns] = [40, 15];

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const middle = digits.length / 2;

/** An answer as a probe remembers it: a letter a place. Of a text without letters there is nothing to remember. */
function answerMark(text: string): string {
  const marks = textVector(text).map((value) => digits[Math.round(value * (middle - 1)) + middle] ?? digits[middle]);
  return marks.join('');
}

/** Of length 1; a mark of no letters has a place of its own. */
type Direction = Float64Array;
function read(mark: string): Direction {
  const direction = new Float64Array(mark.length + 1);
  let squares = 0;
  for (let i = 0; i < mark.length; i++) {
    const value = digits.indexOf(mark[i] ?? '') - middle;
    direction[i] = value;
    squares += value * value;
  }
  if (squares === 0) direction[mark.length] = 1;
  const length = Math.sqrt(squares) || 1;
  return direction.map((value) => value / length);
}

function likeness(one: Direction, other: Direction): number {
  let product = 0;
  for (let i = 0; i < one.length; i++) product += (one[i] ?? 0) * (other[i] ?? 0);
  return Math.min(1, Math.max(0, product));
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** How far each of some answers is from the others, on average. */
function strangenessOf(marks: readonly Direction[]): number[] {
  const sums = new Array<number>(marks.length).fill(0);
  for (const [i, one] of marks.entries())
    for (let j = 0; j < i; j++) {
      const apart = 1 - likeness(one, marks[j] ?? one);
      sums[i] = (sums[i] ?? 0) + apart;
      sums[j] = (sums[j] ?? 0) + apart;
    }
  return sums;
}

/** What is bet on each prompt: all of it sees at once what changed everywhere, little of it what changed in a few places. */
const stakes = [0.25, 1] as const;
const betOf = (eValues: readonly number[]): number =>
  mean(stakes.map((stake) => eValues.reduce((product, one) => product * (1 - stake + stake * one), 1))) ?? 1;

const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;

/** What a run says, given those before, and what to remember. */
export type ProbeFound = { judgement: Judgement; state: ProbeState; value: number | null; rows: number };

/**
 * Whether a model that is asked the same again and again answers otherwise than it did. Each answer is held against the
 * earlier ones to the same prompt: how strange it is among them is a conformal p-value, whatever answers are like and
 * however much they differ anyhow; those of all prompts are one bet a run, and bets add up until a change is plain.
 * @param texts an answer a prompt, in their order; null: there was none
 */
export function judgeProbe(
  before: ProbeState,
  { at, texts, model }: { at: string; texts: readonly (string | null)[]; model: string },
): ProbeFound {
  const answers = texts.map((text) => (text === null ? null : answerMark(text)));
  const rows = answers.filter((one) => one !== null).length;
  const uniform = uniformFrom(Math.floor(Date.parse(at) / 60_000) | 0);
  const alikes: number[] = [];
  const eValues: number[] = [];
  for (const [prompt, answer] of answers.entries()) {
    const u = uniform();
    const earlier = before.runs.flatMap((run) => run.answers[prompt] ?? []).map(read);
    if (answer === null || earlier.length === 0) continue;
    const own = read(answer);
    alikes.push(mean(earlier.map((one) => likeness(one, own))) ?? 1);
    if (earlier.length >= leastProbeRuns) eValues.push(eValueOf(conformalP(strangenessOf([...earlier, own]), u)));
  }
  const alike = mean(alikes);
  if (2 * rows < texts.length) {
    const sentence = `${model} answered ${rows} of ${texts.length} prompts.`;
    return { judgement: { found: 'nothing', sentence, expected: null }, state: before, value: null, rows };
  }
  const runs = [...before.runs, { at, answers, alike }];
  if (before.runs.length < leastProbeRuns) {
    const sentence = `${model} was asked ${runs.length === 1 ? 'once' : `${runs.length} times`}; how much its answers differ anyhow is known after ${leastProbeRuns}.`;
    const state = { ...before, runs };
    return { judgement: { found: 'nothing', sentence, expected: null }, state, value: alike, rows };
  }
  const detector = nextDetector(before.detector, betOf(eValues));
  const usual = mean(before.runs.flatMap((run) => run.alike ?? [])) ?? 1;
  const told = `${percent(alike ?? 1)} alike to those before, usual is ${percent(usual)}`;
  if (detector.evidence < runsToFalse) {
    const isFull = runs.length >= mostRuns;
    const state = isFull
      ? { ...before, runs: runs.slice(-keptRuns), detector: noDetector }
      : { ...before, runs, detector };
    const sentence = `The answers of ${model} are ${told}.`;
    return { judgement: { found: 'good', sentence, expected: null }, state, value: alike, rows };
  }
  const changed = runs.slice(-detector.steps);
  const changedAt = changed[0]?.at ?? at;
  const since = `${changedAt.slice(0, 16).replace('T', ' ')} UTC`;
  const sentence = `${model} answers otherwise since ${since}: its answers are ${told}.`;
  const state = { runs: changed, detector: noDetector, changedAt };
  return { judgement: { found: 'bad', sentence, expected: null }, state, value: alike, rows };
}
