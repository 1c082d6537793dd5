import type { KeptQuestion, Meaning } from '@wheelhouse/core/ports';
import { compareWords } from './question-facts.ts';

/** Questions under one name: their facts are the same, so that they are few. The newest take the places of the oldest. */
export const mostQuestions = 64;

/** Of length 1, so that the cosine of two is their product. */
export function unitVector(vector: Float32Array): Float32Array | null {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.sqrt(sum);
  return Number.isFinite(length) && length > 0 ? vector.map((value) => value / length) : null;
}

function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** In other words the same is asked only where the vectors are nearer still. */
const otherWords = 3;

export type Candidate = { question: KeptQuestion; threshold: number };

/** Those that may ask the same, as far as words tell, and how near each has to be. */
export function candidatesOf(meaning: Meaning, kept: readonly KeptQuestion[], nowMs: number): Candidate[] {
  const { threshold } = meaning;
  const strict = 1 - (1 - threshold) / otherWords;
  return kept.flatMap((question) => {
    if (question.untilMs <= nowMs) return [];
    const words = compareWords(meaning, question);
    return words === 'against' ? [] : [{ question, threshold: words === 'same' ? threshold : strict }];
  });
}

/** The nearest of those that are near enough: all are compared, none is left out. */
export function nearestOf(
  vector: Float32Array,
  candidates: readonly Candidate[],
): { key: string; similarity: number } | null {
  let best: { key: string; similarity: number } | null = null;
  for (const { question, threshold } of candidates) {
    if (question.vector.length !== vector.length) continue;
    const similarity = cosine(vector, question.vector);
    if (similarity >= threshold && similarity > (best?.similarity ?? -1)) best = { key: question.key, similarity };
  }
  return best;
}

/** What a question takes beside its vector, about. */
const questionBytes = 400;
const sizeOf = (question: KeptQuestion) => question.vector.byteLength + questionBytes;

/** Rings of questions by name, up to a number of bytes in all; the names used last stay. */
export class QuestionRings {
  readonly #most: number;
  readonly #rings = new Map<string, { questions: KeptQuestion[]; next: number }>();
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get bytes(): number {
    return this.#bytes;
  }

  of(name: string): readonly KeptQuestion[] {
    const ring = this.#rings.get(name);
    if (ring === undefined) return [];
    this.#rings.delete(name);
    this.#rings.set(name, ring);
    return ring.questions;
  }

  place(name: string, question: KeptQuestion): void {
    const ring = this.#rings.get(name) ?? { questions: [], next: 0 };
    const same = ring.questions.findIndex(({ key }) => key === question.key);
    const at = same >= 0 ? same : ring.next;
    if (same < 0) ring.next = (ring.next + 1) % mostQuestions;
    const before = ring.questions[at];
    ring.questions[at] = question;
    this.#bytes += sizeOf(question) - (before === undefined ? 0 : sizeOf(before));
    this.#rings.delete(name);
    this.#rings.set(name, ring);
    for (const [oldest, { questions }] of this.#rings) {
      if (this.#bytes <= this.#most) break;
      this.#rings.delete(oldest);
      for (const gone of questions) this.#bytes -= sizeOf(gone);
    }
  }
}
