import type { Uniform } from './simulation.ts';

/** What a person would say of a row, or of both answers to it, and what the judge says. */
export type Row = { person: number; judge: number };
export type Pair = { personA: number; personB: number; judgeA: number; judgeB: number };

export type Population<T> = { name: string; truth: number; draw: (u: Uniform) => T };

/** Noise that leaves the mean where it is and stays in [0, 1]. */
const shaken = (value: number, u: Uniform, by: number) => value + by * Math.min(value, 1 - value) * (2 * u() - 1);

/** Rows of 0 and 1 by the shares of both right, the judge alone and the person alone. */
function zeroOne(name: string, shares: { both: number; judgeOnly: number; personOnly: number }): Population<Row> {
  const { both, judgeOnly, personOnly } = shares;
  return {
    name,
    truth: both + personOnly,
    draw: (u) => {
      const x = u();
      if (x < both) return { person: 1, judge: 1 };
      if (x < both + judgeOnly) return { person: 0, judge: 1 };
      return x < both + judgeOnly + personOnly ? { person: 1, judge: 0 } : { person: 0, judge: 0 };
    },
  };
}

const lenient = (value: number, u: Uniform) => shaken(1 - 0.7 * (1 - value), u, 0.5);

/** In each of them the judge's mean is 10 pp from what people would say. */
export const scorePopulations: Population<Row>[] = [
  zeroOne('0 or 1, judge lenient, 20 % wrong', { both: 0.65, judgeOnly: 0.15, personOnly: 0.05 }),
  zeroOne('0 or 1, judge lenient, nearly all pass', { both: 0.84, judgeOnly: 0.11, personOnly: 0.01 }),
  zeroOne('0 or 1, judge strict and otherwise exact', { both: 0.5, judgeOnly: 0, personOnly: 0.1 }),
  {
    name: 'graded, judge lenient',
    truth: 2 / 3,
    draw: (u) => {
      const person = Math.sqrt(u());
      return { person, judge: lenient(person, u) };
    },
  },
  {
    name: 'graded, most rows perfect, judge strict',
    truth: 0.9,
    draw: (u) => {
      const person = u() < 0.8 ? 1 : u();
      return { person, judge: shaken((person * 8) / 9, u, 0.5) };
    },
  },
  {
    name: 'labels 0 or 1, judge graded and lenient',
    truth: 2 / 3,
    draw: (u) => {
      const chance = Math.sqrt(u());
      return { person: u() < chance ? 1 : 0, judge: lenient(chance, u) };
    },
  },
  {
    name: 'labels 0 or 1, judge sure of most rows and lenient to the others',
    truth: 0.49 + 0.004 + 0.05,
    draw: (u) => {
      const x = u();
      if (x < 0.5) return { person: u() < 0.98 ? 1 : 0, judge: 0.98 };
      return x < 0.7 ? { person: u() < 0.02 ? 1 : 0, judge: 0.02 } : { person: u() < 1 / 6 ? 1 : 0, judge: 0.5 };
    },
  },
];

/** In each the two sides are equally good and the judge favours B by 10 pp. */
export const pairPopulations: Population<Pair>[] = [
  {
    name: 'pairs of 0 or 1',
    truth: 0,
    draw: (u) => {
      const coin = () => (u() < 0.6 ? 1 : 0);
      const personA = coin();
      const personB = u() < 0.8 ? personA : coin();
      const judgeA = u() < 0.9 ? personA : coin();
      const fair = u() < 0.9 ? personB : coin();
      return { personA, personB, judgeA, judgeB: fair === 1 || u() < 0.25 ? 1 : 0 };
    },
  },
  {
    name: 'graded pairs',
    truth: 0,
    draw: (u) => {
      const row = Math.sqrt(u());
      const [personA, personB] = [shaken(row, u, 1), shaken(row, u, 1)];
      return { personA, personB, judgeA: shaken(personA, u, 0.5), judgeB: lenient(personB, u) };
    },
  },
];

/** A judge for labels from elsewhere: passes so many of what people pass, fails so many of what they fail. */
export const ratePopulation = { truth: 0.7, sensitivity: 0.93, specificity: 1 - 0.149 / 0.3 };
