import { Document, parseDocument, Scalar, visit } from 'yaml';
import { type Json, WheelhouseError } from '../../records/index.ts';

/** Text of several lines that a block of YAML keeps as it is: no white space that it would lose or take for its own. */
const fitsBlock = (text: string) => /^\S/.test(text) && !/[^\P{Cc}\n\t]|[\p{Cs}\ufeff]|[ \t]+(?:\n|$)/u.test(text);

/** YAML as a person would write it: text of several lines as a block, long lines whole, nothing by reference. */
export function printYaml(json: Json): string {
  const document = new Document(json, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'string' && node.value.includes('\n') && !fitsBlock(node.value))
        node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: 1_000_000_000 });
}

/** @throws WheelhouseError `invalid_request`; @param what for the error, for example `The settings` */
export function readYaml(text: string, what: string): Json {
  const refuse = (reason: string, cause: unknown) =>
    new WheelhouseError('invalid_request', `${what} are not YAML: ${reason}`, {
      param: 'file',
      hint: 'Correct the YAML.',
      cause,
    });
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem) throw refuse(problem.message, problem);
  try {
    return document.toJS({ maxAliasCount: 100 }) as Json;
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : 'unreadable', cause);
  }
}
