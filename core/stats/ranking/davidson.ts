import { invert, times } from './invert.ts';

export type Outcome = 'first' | 'second' | 'tie';

/** A match between variants by their numbers; `count` may be a part, for made-up ones. */
export type CountedMatch = { first: number; second: number; outcome: Outcome; count: number };

/** What is estimated besides strengths. */
export type Extras = { ties: boolean; position: boolean };

/** Logarithms: strengths that sum to 0, then that of ν when there are ties, then the first one's advantage. */
export type Fit = { parameters: number[]; covariance: number[][] };

const outcomes = ['first', 'second', 'tie'] as const;

/** How much an outcome's logarithm grows with each parameter, as places and amounts. */
function slopes(match: { first: number; second: number }, outcome: Outcome, variants: number, extras: Extras) {
  const { first, second } = match;
  const position = variants + (extras.ties ? 1 : 0);
  if (outcome === 'first') return [[first, 1] as const];
  if (outcome === 'second')
    return extras.position ? [[second, 1] as const, [position, -1] as const] : [[second, 1] as const];
  return [[first, 0.5] as const, [second, 0.5] as const, [variants, 1] as const];
}

/** What a match adds to the gradient, and its probabilities. */
function expectations(match: CountedMatch, parameters: readonly number[], variants: number, extras: Extras) {
  const possible = outcomes.filter((outcome) => outcome !== 'tie' || extras.ties);
  const each = possible.map((outcome) => {
    const along = slopes(match, outcome, variants, extras);
    return { outcome, along, log: along.reduce((sum, [place, by]) => sum + by * (parameters[place] ?? 0), 0) };
  });
  const most = Math.max(...each.map(({ log }) => log));
  const total = each.reduce((sum, { log }) => sum + Math.exp(log - most), 0);
  return each.map(({ outcome, along, log }) => ({
    outcome,
    along,
    log: log - most - Math.log(total),
    probability: Math.exp(log - most) / total,
  }));
}

function add(to: number[], along: readonly (readonly [number, number])[], by: number) {
  for (const [place, amount] of along) to[place] = (to[place] ?? 0) + by * amount;
}

/** How much the logarithm of a match's likelihood grows with each parameter. */
export function gradientOf(match: CountedMatch, parameters: readonly number[], variants: number, extras: Extras) {
  const gradient = parameters.map(() => 0);
  for (const { outcome, along, probability } of expectations(match, parameters, variants, extras))
    add(gradient, along, match.count * ((outcome === match.outcome ? 1 : 0) - probability));
  return gradient;
}

function likelihood(matches: readonly CountedMatch[], parameters: readonly number[], variants: number, extras: Extras) {
  let log = 0;
  const gradient = parameters.map(() => 0);
  const information = parameters.map(() => parameters.map(() => 0));
  for (const match of matches) {
    const each = expectations(match, parameters, variants, extras);
    const mean = parameters.map(() => 0);
    for (const { outcome, along, probability, log: of } of each) {
      if (outcome === match.outcome) {
        log += match.count * of;
        add(gradient, along, match.count);
      }
      add(mean, along, probability);
      for (const [place, amount] of along) add(information[place] ?? [], along, match.count * probability * amount);
    }
    const touched = mean.flatMap((value, place) => (value === 0 ? [] : [[place, value] as const]));
    add(gradient, touched, -match.count);
    for (const [place, amount] of touched) add(information[place] ?? [], touched, -match.count * amount);
  }
  return { log, gradient, information };
}

/**
 * Most likely strengths of variants from their matches, with ties, and with a first place that may help.
 *
 * The first wins, the second wins, or neither, as π₁ : π₂ / γ : ν √(π₁ π₂): R. A. Bradley and M. E. Terry, Biometrika 39 (1952)
 * 324–345; ties of R. R. Davidson, J. Amer. Statist. Assoc. 65 (1970) 317–328; order of R. R. Davidson and R. J. Beaver,
 * Biometrics 33 (1977) 693–702. The logarithm of the likelihood is concave, so Newton's way up ends at the only top.
 * @returns null when there is no top: some variant is infinitely strong
 */
export function fitDavidson(matches: readonly CountedMatch[], variants: number, extras: Extras): Fit | null {
  let parameters = new Array<number>(variants + (extras.ties ? 1 : 0) + (extras.position ? 1 : 0)).fill(0);
  // Strengths are known but for a number that is added to all; this holds their sum at 0.
  const held = (information: number[][]) =>
    information.map((row, i) => row.map((value, j) => value + (i < variants && j < variants ? 1 / variants : 0)));
  for (let step = 0; step < 100; step++) {
    const here = likelihood(matches, parameters, variants, extras);
    const covariance = invert(held(here.information));
    if (covariance === null) return null;
    const move = times(covariance, here.gradient);
    if (move.every((by) => Math.abs(by) < 1e-11)) {
      const known = covariance.map((row, i) =>
        row.map((value, j) => value - (i < variants && j < variants ? 1 / variants : 0)),
      );
      return { parameters, covariance: known };
    }
    let share = 1;
    const moved = () => parameters.map((value, i) => value + share * (move[i] ?? 0));
    while (share > 1e-6 && likelihood(matches, moved(), variants, extras).log < here.log - 1e-12 * Math.abs(here.log))
      share /= 2;
    parameters = moved();
    if (parameters.some((value) => !(Math.abs(value) < 40))) return null;
  }
  return null;
}
