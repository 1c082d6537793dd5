import { uniformFrom } from '../../stats/index.ts';
import { stemOf, tellingWords } from '../issues/words.ts';

/** The topic of each text, in their order. */
export type Topics = string[];

/** Of what has no word in common with others. */
export const noTopic = 'anything else';

const mostTopics = 12;
const textsOfTopic = 10;
/** Topics whose middles are nearer are one. */
const alike = 0.35;
const [rounds, starts] = [12, 3];
const wordsNamed = 3;
/** A stem that fewer texts share says nothing of a topic. */
const leastShare = 0.01;

/** Weights by stem, of length 1; empty where there is nothing to tell it by. */
type Sparse = ReadonlyMap<number, number>;
type Dense = Float64Array;

function vectorsOf(texts: readonly (readonly string[])[]): { vectors: Sparse[]; size: number } {
  const seen = new Map<string, number>();
  for (const stems of texts) for (const stem of stems) seen.set(stem, (seen.get(stem) ?? 0) + 1);
  const least = Math.max(2, Math.ceil(leastShare * texts.length));
  const known = [...seen].filter(([, count]) => count >= least && count < texts.length);
  const places = new Map(known.map(([stem], place) => [stem, place]));
  const weights = known.map(([, count]) => Math.log(texts.length / count));
  const vectors = texts.map((stems): Sparse => {
    const own = stems.flatMap((stem) => places.get(stem) ?? []);
    const length = Math.hypot(...own.map((place) => weights[place] ?? 0));
    return new Map(length === 0 ? [] : own.map((place) => [place, (weights[place] ?? 0) / length]));
  });
  return { vectors, size: known.length };
}

function dot(sparse: Sparse, dense: Dense): number {
  let sum = 0;
  for (const [place, weight] of sparse) sum += weight * (dense[place] ?? 0);
  return sum;
}

function middleOf(members: readonly Sparse[], size: number): Dense {
  const middle = new Float64Array(size);
  for (const member of members) for (const [place, weight] of member) middle[place] = (middle[place] ?? 0) + weight;
  const length = Math.hypot(...middle) || 1;
  return middle.map((weight) => weight / length);
}

function nearest(one: Sparse, middles: readonly Dense[]): { at: number; near: number } {
  let best = { at: 0, near: -1 };
  for (const [at, middle] of middles.entries()) {
    const near = dot(one, middle);
    if (near > best.near) best = { at, near };
  }
  return best;
}

/** k-means on the sphere (I. S. Dhillon, D. S. Modha, Machine Learning 42 (2001) 143–175), begun as k-means++ does. */
function clustered(
  vectors: readonly Sparse[],
  size: number,
  count: number,
  uniform: () => number,
): { middles: Dense[]; near: number } {
  const asMiddle = (vector: Sparse | undefined) => middleOf(vector ? [vector] : [], size);
  let middles = [asMiddle(vectors[Math.floor(uniform() * vectors.length)])];
  while (middles.length < count) {
    const far = vectors.map((one) => Math.max(0, 1 - nearest(one, middles).near));
    let left = uniform() * far.reduce((sum, value) => sum + value, 0);
    const next = far.findIndex((value) => {
      left -= value;
      return left < 0;
    });
    if (next < 0) break;
    middles.push(asMiddle(vectors[next]));
  }
  let near = 0;
  for (let round = 0; round < rounds; round++) {
    const members = middles.map((): Sparse[] => []);
    let sum = 0;
    for (const one of vectors) {
      const found = nearest(one, middles);
      sum += found.near;
      members[found.at]?.push(one);
    }
    middles = members.filter((own) => own.length > 0).map((own) => middleOf(own, size));
    if (sum <= near * (1 + 1e-6)) break;
    near = sum;
  }
  return { middles, near };
}

/** Joins the two that are most alike, until none are. */
function joined(vectors: readonly Sparse[], size: number, before: readonly Dense[]): number[] {
  let middles = [...before];
  for (;;) {
    const topicOf = vectors.map((one) => nearest(one, middles).at);
    let best = { i: 0, j: 0, near: alike };
    for (const [i, one] of middles.entries())
      for (let j = 0; j < i; j++) {
        const other = middles[j] ?? new Float64Array(size);
        let near = 0;
        for (let place = 0; place < size; place++) near += (one[place] ?? 0) * (other[place] ?? 0);
        if (near > best.near) best = { i, j, near };
      }
    if (best.near <= alike) return topicOf;
    const both = middleOf(
      vectors.filter((_, at) => topicOf[at] === best.i || topicOf[at] === best.j),
      size,
    );
    middles = middles.filter((_, at) => at !== best.i).map((middle, at) => (at === best.j ? both : middle));
  }
}

/** The words that many of a topic have and few others. */
function nameOf(own: readonly (readonly string[])[], all: ReadonlyMap<string, number>, count: number): string {
  const seen = new Map<string, number>();
  for (const words of own) for (const word of words) seen.set(word, (seen.get(word) ?? 0) + 1);
  const others = Math.max(1, count - own.length);
  const telling = [...seen].map(([word, times]) => ({
    word,
    weight: times / own.length - ((all.get(word) ?? 0) - times) / others,
  }));
  const stems = new Set<string>();
  return telling
    .toSorted((a, b) => b.weight - a.weight || (a.word < b.word ? -1 : 1))
    .filter(({ word }) => !stems.has(stemOf(word)) && stems.add(stemOf(word)))
    .slice(0, wordsNamed)
    .map(({ word }) => word)
    .join(', ');
}

/**
 * What texts are about, by the words they share: at most a dozen topics, each named by its words. Which text is of which
 * side is not known here, so that topics part no two sides of themselves, and one that is new has a topic of its own.
 */
export function findTopics(texts: readonly string[], { seed }: { seed: number }): Topics {
  const words = texts.map(tellingWords);
  // In the order of their texts, so that nothing depends on who came first.
  const order = texts.map((_, i) => i).sort((i, j) => ((texts[i] ?? '') < (texts[j] ?? '') ? -1 : 1));
  const { vectors, size } = vectorsOf(order.map((i) => [...new Set((words[i] ?? []).map(stemOf))]));
  const told = order.filter((_, at) => (vectors[at]?.size ?? 0) > 0);
  const telling = vectors.filter((vector) => vector.size > 0);
  const count = Math.min(mostTopics, Math.floor(telling.length / textsOfTopic));
  if (count < 2) return texts.map(() => noTopic);
  const uniform = uniformFrom(seed);
  const tries = Array.from({ length: starts }, () => clustered(telling, size, count, uniform));
  const best = tries.reduce((one, other) => (other.near > one.near ? other : one));
  const topicOf = joined(telling, size, best.middles);
  const all = new Map<string, number>();
  for (const i of told) for (const word of words[i] ?? []) all.set(word, (all.get(word) ?? 0) + 1);
  const members = new Map<number, number[]>();
  for (const [at, topic] of topicOf.entries()) members.set(topic, [...(members.get(topic) ?? []), told[at] ?? 0]);
  const names = texts.map(() => noTopic);
  for (const own of members.values()) {
    const name = nameOf(
      own.map((i) => words[i] ?? []),
      all,
      told.length,
    );
    for (const i of own) names[i] = name;
  }
  return names;
}
