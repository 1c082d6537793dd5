import type { AbuseTextKind } from '../records/index.ts';
import {
  asksForData,
  type Demand,
  dataOfOthers,
  dropInstructions,
  falseRoles,
  isOwn,
  otherPersonas,
  sayInstructions,
} from './abuse-words.ts';
import { findPii } from './find-pii.ts';
import { plainText, type Reading, readingsOf } from './unmask-text.ts';

type TextAbuse = {
  kind: AbuseTextKind;
  /** From 0 to 1. */
  strength: number;
  /** What it was found by, in a few words. */
  by: string;
};

/** What is left of letters where words end; classes of Unicode would take long to compile. */
const letter = '[a-zа-я]';
const special = /[.+?^${}()|[\]\\]/g;
const wordOf = (word: string) => plainText(word).replace(special, '\\$&').replaceAll('*', `${letter}*`);
/** Scripts without spaces have no ends of words. */
const isSpaced = (word: string) => /^[\p{Script=Latin}\p{Script=Cyrillic}]/u.test(word);
const oneOf = (words: string) =>
  `(?:${words
    .split('|')
    .map((word) => (isSpaced(word) ? `(?<!${letter})${wordOf(word)}(?!${letter})` : wordOf(word)))
    .join('|')})`;

/** `needs`: a text without any of these cannot match, which is found out a hundred times faster. */
type Pattern = { needs: readonly string[]; pattern: RegExp };

function patternOf({ verbs, objects, verbLast }: Demand): Pattern {
  const [first, last] = verbLast ? [objects, verbs] : [verbs, objects];
  return {
    needs: objects.split('|').map((words) => plainText(words.split('*')[0] ?? '')),
    pattern: new RegExp(`${oneOf(first)}[^.!?。！？]{0,40}?${oneOf(last)}`),
  };
}
const patterns = (sources: readonly string[]): Pattern[] =>
  sources.map((source) => ({ needs: [], pattern: new RegExp(source) }));

function match({ needs, pattern }: Pattern, text: string): RegExpExecArray | null {
  return needs.length > 0 && !needs.some((word) => text.includes(word)) ? null : pattern.exec(text);
}

type Rule = { kind: TextAbuse['kind']; by: string; patterns: Pattern[] };
const rules: readonly Rule[] = [
  { kind: 'injection', by: 'drop the instructions', patterns: dropInstructions.map(patternOf) },
  { kind: 'injection', by: 'somebody without rules', patterns: patterns(otherPersonas) },
  { kind: 'injection', by: 'marks of other roles', patterns: patterns(falseRoles) },
  { kind: 'extraction', by: 'say the instructions', patterns: sayInstructions.map(patternOf) },
  { kind: 'probing', by: 'data of others', patterns: patterns(dataOfOthers) },
];
const asks = new RegExp(asksForData);
const own = new RegExp(isOwn);

/** Deep inside of a long text it is more likely somebody else's: a page, a letter, a log. */
const nearCharacters = 600;
const inside = 0.5;
/** Who asks for the data of one named address may be asking for their own. */
const ofOneNamed = 0.6;

function placeStrength({ text }: Reading, at: number, length: number): number {
  return at <= nearCharacters || text.length - at - length <= nearCharacters ? 1 : inside;
}

/**
 * What in a text is phrased as an attack on a model: to drop its instructions (injection, jailbreaks), to say them
 * (extraction), or to give personal data of others (probing); in up to twelve languages, and also where it is written with
 * look-alike letters, digits, gaps, backwards, by ROT13, in base64 or as hexadecimal. A phrase is no proof: people quote, and teach. It is at
 * most one a kind, the strongest.
 */
export function findAbuse(text: string): TextAbuse[] {
  const best = new Map<TextAbuse['kind'], TextAbuse>();
  const add = (found: TextAbuse) => {
    if (found.strength > (best.get(found.kind)?.strength ?? 0)) best.set(found.kind, found);
  };
  const readings = readingsOf(text);
  for (const reading of readings)
    for (const { kind, by, patterns } of rules) {
      if (best.get(kind)?.strength === 1) continue;
      const turned = reading.how === 'rot13' || reading.how === 'backwards';
      for (const pattern of patterns) {
        // Nobody turns around what nobody has forbidden.
        if (turned && pattern.needs.length === 0) continue;
        const found = match(pattern, reading.text);
        if (found === null) continue;
        const strength = reading.how === null ? placeStrength(reading, found.index, found[0].length) : 1;
        add({ kind, strength, by: reading.how === null ? by : `${by}, hidden as ${reading.how}` });
        break;
      }
    }
  const plain = readings[0]?.text ?? '';
  if (!best.has('probing') && asks.test(plain) && !own.test(plain) && findPii(text).length > 0)
    add({ kind: 'probing', strength: ofOneNamed, by: 'data of somebody named' });
  return [...best.values()];
}
