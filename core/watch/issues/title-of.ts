import type { IssueCause, IssueGroup } from '../../records/index.ts';

const longest = 140;
const wordsNamed = 3;

const clip = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

/** What most of the texts are about; of a single text its beginning. */
function topicOf({ size, words, text }: Pick<IssueGroup, 'size' | 'words' | 'text'>): string {
  const named = Object.entries(words)
    .filter(([, count]) => count >= 2 && count >= size / 4)
    .toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, wordsNamed)
    .map(([word]) => word);
  if (named.length > 0) return named.join(', ');
  return text === '' ? 'no text' : `“${clip(text, 60)}”`;
}

function heading({ signal, what, step }: IssueCause): string {
  if (signal === 'refusal') return what === '' ? 'Other refusals' : `Refused (${what})`;
  if (signal === 'score') return what === '' ? 'Other bad scores' : `Bad ${what}`;
  return what || (step === '' ? 'Other errors' : `${step} failed`);
}

/** What an issue is called: the error and its message, or what is bad and what was asked. */
export function titleOf(group: Pick<IssueGroup, 'cause' | 'size' | 'words' | 'text'>): string {
  const { cause, text } = group;
  const isError = cause.signal === 'error' || cause.signal === 'handled';
  const isRest = cause.what === '' && cause.step === '' && cause.model === '';
  if (isRest && (!isError || group.size > 1)) return heading(cause);
  const said = isError ? text : topicOf(group);
  return clip(said === '' ? heading(cause) : `${heading(cause)}: ${said}`, longest);
}
