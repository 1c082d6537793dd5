import { isJsonObject, type Json, type JsonObject } from '../../records/index.ts';
import { beginsWith, fuzzyMatch, jsonMatch } from './code-twins.ts';
import { judgeFormat, noTwin, type Twin, twin } from './twin.ts';
import { type PromptPiece, writePrompt } from './write-prompt.ts';

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** Python's format: `{name}`, and doubled braces for braces. Constants are written in. */
function readFormat(prompt: string, constants: JsonObject, place: (name: string) => string): PromptPiece[] {
  const pieces: PromptPiece[] = [];
  let text = '';
  for (const [whole, name] of prompt.matchAll(/\{\{|\}\}|\{(\w+)\}|[\s\S]/g)) {
    if (whole === '{{' || whole === '}}') text += whole[0];
    else if (name === undefined) text += whole;
    else if (Object.hasOwn(constants, name)) text += String(constants[name]);
    else {
      if (text !== '') pieces.push({ text });
      text = '';
      pieces.push({ at: place(name) });
    }
  }
  return text === '' ? pieces : [...pieces, { text }];
}

function choicesOf({ choice_strings: given }: JsonObject): string[] | string {
  if (Array.isArray(given)) return given.map(String);
  const text = textOf(given);
  return text.startsWith('from_') ? `its choices come of several answers (${text})` : [...text];
}

/** Scores of choices, laid on 0 to 1 where they are not there; null: it has none. */
function scoresOf({ choice_scores: given }: JsonObject, choices: string[]): { [choice: string]: number } | null {
  if (given === undefined || given === null) return null;
  const raw = isJsonObject(given)
    ? Object.entries(given).map(([choice, score]): [string, number] => [choice, Number(score)])
    : choices.map((choice): [string, number] => [choice, Number(choice)]);
  const values = raw.map(([, score]) => score);
  if (values.length === 0 || !values.every(Number.isFinite)) return null;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low >= 0 && high <= 1) return Object.fromEntries(raw);
  return Object.fromEntries(raw.map(([choice, score]) => [choice, high === low ? 1 : (score - low) / (high - low)]));
}

/** Every combination of the constants that a specification names, by name. */
function combinations(given: Json | undefined): [string, JsonObject][] {
  let found: [string, JsonObject][] = [['', {}]];
  for (const [name, values] of isJsonObject(given) ? Object.entries(given) : []) {
    if (!isJsonObject(values)) continue;
    found = found.flatMap(([label, constants]) =>
      Object.entries(values).map(([of, value]): [string, JsonObject] => [
        [label, of].filter(Boolean).join(' '),
        { ...constants, [name]: value },
      ]),
    );
  }
  return found;
}

/** Judges of a `modelgraded` specification; one for each combination of its `args`. */
function twinsOfSpec(name: string, spec: JsonObject, args: JsonObject = {}): Twin[] {
  const pairs = isJsonObject(spec.input_outputs) ? Object.entries(spec.input_outputs) : [['input', 'completion']];
  const [pair, ...others] = pairs;
  if (pair === undefined || others.length > 0) return [noTwin(name, 'it judges several answers at a time')];
  if (args.multicomp_n !== undefined && args.multicomp_n !== 1)
    return [noTwin(name, `it judges ${JSON.stringify(args.multicomp_n)} answers at a time`)];
  if (args.metaeval === true) return [noTwin(name, 'it judges answers that stand in the samples (metaeval)')];
  const choices = choicesOf(spec);
  if (typeof choices === 'string') return [noTwin(name, choices)];
  const prompt = spec.prompt ?? null;
  const messages: Json = typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt;
  if (!Array.isArray(messages) || messages.length === 0) return [noTwin(name, 'it has no prompt')];
  const [question, answer] = pair;
  const place = (variable: string) => {
    if (variable === answer) return 'output';
    if (variable === question) return 'input';
    return variable === 'ideal' ? 'expected' : `metadata.${variable}`;
  };
  const scores = scoresOf(spec, choices);
  const remarks = scores === null ? ['its choices have no scores: it gives labels'] : [];
  return combinations(args.modelgraded_spec_args ?? spec.args).map(([label, constants]) => {
    const written = messages.filter(isJsonObject).map(({ role, content }) => ({
      role: textOf(role) || 'user',
      content: writePrompt(readFormat(textOf(content), constants, place), { conversations: ['input'] }),
    }));
    const judge = {
      ...{ baseModel: null, messages: written },
      parameters: judgeFormat('choice', { label: { type: 'string', enum: choices } }),
      options: scores === null ? {} : { choices: scores },
    };
    return twin(label === '' ? name : `${name} ${label}`, { judge }, ...remarks);
  });
}

/**
 * What a class of OpenAI's open-source evals is here.
 * @param evalClass for example `evals.elsuite.basic.match:Match`
 * @param spec of a `modelgraded` class, undefined where it was not found
 */
export function twinsOfClass(evalClass: string, args: JsonObject, spec?: JsonObject): Twin[] {
  const name = evalClass.split(':').at(-1) ?? '';
  const few = Number(args.num_few_shot ?? 0);
  const shown = few > 0 ? [`the ${few} examples that went before each question (num_few_shot) are left out`] : [];
  switch (name) {
    case 'Match':
      return [twin('match', beginsWith, ...shown)];
    case 'Includes': {
      const ignoreCase = args.ignore_case === true ? { ignoreCase: true } : {};
      return [twin('includes', { name: 'contains', options: { need: 'any', ...ignoreCase } }, ...shown)];
    }
    case 'FuzzyMatch':
      return [twin('fuzzy_match', fuzzyMatch, ...shown)];
    case 'JsonMatch':
      return [twin('json_match', jsonMatch)];
    case 'JsonValidator':
      return [twin('json_validator', { name: 'json_schema', options: { schema: {} } })];
    case 'Translate':
      return [twin('translate', { name: 'bleu', options: {} }, 'BLEU is of each row here, not of the corpus')];
    case 'ModelBasedClassify': {
      const named = textOf(args.modelgraded_spec ?? args.modelgraded_spec_file) || 'modelgraded';
      if (spec === undefined) return [noTwin(named, 'its specification is not in the export (registry/modelgraded)')];
      return twinsOfSpec(named, spec, args);
    }
    default:
      return [noTwin(evalClass, 'this class is code of its own; write it as a function in the file')];
  }
}
