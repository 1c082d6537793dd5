import { quotedText } from '@wheelhouse/core/eval';
import type { DraftFile, DraftModel } from './draft.ts';

const codeKey = Symbol('code');
/** A piece of code that stands as it is. */
const piece = (text: string) => ({ [codeKey]: text });
const isPiece = (value: object): value is ReturnType<typeof piece> => codeKey in value;

/** As code: the parts that are text in quotes, and names without them. */
function code(value: unknown, indent: string): string {
  const inner = `${indent}  `;
  if (typeof value === 'string') {
    if (!value.includes('\n')) return quotedText(value);
    return `\`${value.replace(/[\\`]|\$\{/g, '\\$&')}\``;
  }
  if (Array.isArray(value) && value.every((one) => typeof one === 'string') && value.join('').length < 80)
    return `[${value.map((one) => code(one, indent)).join(', ')}]`;
  if (Array.isArray(value))
    return value.length === 0 ? '[]' : `[\n${value.map((one) => `${inner}${code(one, inner)},\n`).join('')}${indent}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isPiece(value)) return value[codeKey].replaceAll('\n', `\n${indent}`);
  const members = Object.entries(value).map(([name, one]) => {
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : quotedText(name);
    return `${key}: ${code(one, inner)}`;
  });
  const line = `{ ${members.join(', ')} }`;
  if (members.length === 0) return '{}';
  return line.length + indent.length <= 100 && !line.includes('\n')
    ? line
    : `{\n${members.map((one) => `${inner}${one},\n`).join('')}${indent}}`;
}

const comment = (text: string): string => text.replace(/\s+/g, ' ').trim();

export type FileOptions = {
  /** What answers where the export does not say what did. */
  model: string;
  /** `name@version` of a model that was published. */
  refOf(model: DraftModel): string;
};

/** An evaluation as code that does what the export says was done there. */
export function evaluationFile(file: DraftFile, { model, refOf }: FileOptions): string {
  const runs = file.runs.length === 0 ? [model] : file.runs.map((run) => (typeof run === 'string' ? run : refOf(run)));
  const scorers = file.scorers.map((scorer) => {
    if ('code' in scorer) return { name: scorer.name, score: piece(scorer.code) };
    const { name, options, model: judge } = scorer;
    const all = judge ? { model: refOf(judge), ...options } : options;
    return Object.keys(all).length === 0 ? name : { name, options: all };
  });
  const notes = file.notes.map((one) => `//   ${comment(one)}\n`).join('');
  const known = scorers.length > 0;
  return [
    "import { defineEvaluation } from '@wheelhouse/sdk/eval';\n\n",
    `// Brought over: ${comment(file.title)}.\n`,
    notes === '' ? '' : `// What is not the same here:\n${notes}`,
    known
      ? ''
      : '// The two scorers are a beginning: what judged the answers there is not in the export, or has no twin here.\n',
    '\nexport default defineEvaluation({\n',
    `  name: ${code(file.name, '  ')},\n`,
    `  data: ${code(file.dataset, '  ')},\n`,
    file.runs.length === 0
      ? '  // What answers: models by their names, or functions. The first is the baseline.\n'
      : '',
    `  runs: ${code(runs, '  ')},\n`,
    `  scorers: ${code(known ? scorers : ['exact', 'levenshtein'], '  ')},\n`,
    '});\n',
  ].join('');
}
