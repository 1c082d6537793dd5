import { type ChangeObject, diffLines, diffWordsWithSpace } from 'diff';

export type Change = { text: string; kind: 'same' | 'added' | 'removed' };

/** Below this share a word diff of two texts is confetti, not an explanation. */
const leastShared = 0.4;
/** Longer texts are not compared word by word: it would hold up the page. */
const longest = 20_000;

const toChange = (part: ChangeObject<string>): Change => ({
  text: part.value,
  kind: part.added ? 'added' : part.removed ? 'removed' : 'same',
});

/** Word by word, or null when less than 40 % of the longer text is shared: then B is a rewriting of A. */
export function wordDiff(a: string, b: string): Change[] | null {
  if (Math.max(a.length, b.length) > longest) return a === b ? [{ text: a, kind: 'same' }] : null;
  const changes = diffWordsWithSpace(a, b).map(toChange);
  const shared = changes
    .filter((change) => change.kind === 'same' && change.text.trim().length > 1)
    .reduce((sum, change) => sum + change.text.length, 0);
  return shared < leastShared * Math.max(a.length, b.length) ? null : changes;
}

export type DiffLine = { kind: Change['kind']; words: Change[] };

/** With its last line ended like the others, or a line after it would make it another one. */
const ended = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

const linesOf = (text: string) => text.replace(/\n$/, '').split('\n');

/** Line by line; a removed line followed by an added one that shares enough with it says which words changed. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const lines = diffLines(ended(before), ended(after)).flatMap((part) => {
    const { kind, text } = toChange(part);
    return linesOf(text).map((line): { kind: Change['kind']; text: string } => ({ kind, text: line }));
  });
  const result: DiffLine[] = lines.map((line) => ({ kind: line.kind, words: [{ text: line.text, kind: 'same' }] }));
  for (let start = 0; start < lines.length; start++) {
    if (lines[start]?.kind !== 'removed') continue;
    let removed = 0;
    while (lines[start + removed]?.kind === 'removed') removed++;
    let added = 0;
    while (lines[start + removed + added]?.kind === 'added') added++;
    for (let i = 0; i < Math.min(removed, added); i++) {
      const words = wordDiff(lines[start + i]?.text ?? '', lines[start + removed + i]?.text ?? '');
      if (!words) continue;
      result[start + i] = { kind: 'removed', words: words.filter((word) => word.kind !== 'added') };
      result[start + removed + i] = { kind: 'added', words: words.filter((word) => word.kind !== 'removed') };
    }
    start += removed + added - 1;
  }
  return result;
}
