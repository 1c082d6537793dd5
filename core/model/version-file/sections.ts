import { WheelhouseError } from '../../records/index.ts';

/** A heading of a version's file, and the text below it. */
export type Section = { title: string; text: string };

const titled =
  /^## ((?:system|developer|user|assistant)(?: parts)?|template|examples|(?:placeholder|include|partial): \S.*)$/;
/** A line of text that would read as a heading has a backslash before it, and one more where it had some. */
const escaped = /^\\*## /;

const escapeLine = (line: string) => (escaped.test(line) ? `\\${line}` : line);
const unescapeLine = (line: string) => (line.startsWith('\\') && escaped.test(line) ? line.slice(1) : line);

const eachLine = (text: string, change: (line: string) => string) => text.split('\n').map(change).join('\n');

/** Whether a file can hold the text as it is: editors and git turn line ends into their own. */
export const isPlain = (text: string): boolean => !/[^\P{Cc}\n\t]|[\p{Cs}\ufeff]/u.test(text);

export const isTitle = (title: string): boolean =>
  titled.test(`## ${title}`) && isPlain(title) && title.trimEnd() === title;

/** Headings that say all there is. */
const bare = /^(?:placeholder|include): /;

export const printSections = (sections: readonly Section[]): string =>
  sections
    .map(({ title, text }) => `\n## ${title}\n${bare.test(title) ? '' : `\n${eachLine(text, escapeLine)}\n`}`)
    .join('');

/**
 * @param text below the front matter, with line feeds alone
 * @param firstLine of the file, for errors
 * @throws WheelhouseError `invalid_request`
 */
export function readSections(text: string, firstLine: number): Section[] {
  const sections: { title: string; lines: string[] }[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    const title = titled.exec(line)?.[1];
    const at = sections.at(-1);
    if (title !== undefined) sections.push({ title, lines: [] });
    else if (at) at.lines.push(unescapeLine(line));
    else if (line.trim() !== '')
      throw new WheelhouseError('invalid_request', `Line ${firstLine + i} stands before any heading.`, {
        param: 'file',
        hint: 'Put a heading above it: ## system, ## user, ## assistant, ## template …',
      });
  }
  return sections.map(({ title, lines }) => {
    // The empty line after the heading, and the one that ends the text.
    if (lines[0] === '') lines.shift();
    if (lines.at(-1) === '') lines.pop();
    return { title, text: lines.join('\n') };
  });
}
