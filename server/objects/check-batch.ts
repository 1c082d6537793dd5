import { type BatchProblem, isJsonObject, type JsonObject } from '@wheelhouse/core/records';
import { readLines } from './read-lines.ts';

export const maxBatchLines = 50_000;
const maxProblems = 100;

export type BatchLine = { customId: string; body: JsonObject };

type Checked = { line: BatchLine } | { problem: Omit<BatchProblem, 'line'> };

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One line of an input file: `{custom_id, method, url, body}`. */
export function readBatchLine(text: string, endpoint: string): Checked {
  const value = parse(text);
  const wrong = (code: string, message: string, param: string | null = null): Checked => ({
    problem: { code, message, param },
  });
  if (!isJsonObject(value)) return wrong('invalid_json_line', 'This line is not a JSON object.');
  if (typeof value.custom_id !== 'string' || value.custom_id === '')
    return wrong('missing_required_parameter', '`custom_id` is missing; it tells the answers apart.', 'custom_id');
  if (value.method !== 'POST') return wrong('invalid_method', '`method` takes "POST".', 'method');
  if (value.url !== endpoint)
    return wrong('mismatched_url', `\`url\` must be ${endpoint}, the endpoint of the batch.`, 'url');
  if (!isJsonObject(value.body)) return wrong('invalid_request', '`body` takes an object.', 'body');
  if (value.body.stream === true) return wrong('invalid_request', 'A batch cannot stream.', 'body.stream');
  return { line: { customId: value.custom_id, body: value.body } };
}

/** Reads the whole input before anything is called: how many lines there are, and the first things wrong with it. */
export async function checkBatch(
  content: AsyncIterable<Uint8Array>,
  endpoint: string,
): Promise<{ total: number; problems: BatchProblem[] }> {
  const problems: BatchProblem[] = [];
  const seen = new Set<string>();
  let number = 0;
  let total = 0;
  const complain = (problem: Omit<BatchProblem, 'line'>) => {
    if (problems.length < maxProblems) problems.push({ ...problem, line: number });
  };
  for await (const text of readLines(content)) {
    number++;
    if (text.trim() === '') continue;
    total++;
    const checked = readBatchLine(text, endpoint);
    if ('problem' in checked) complain(checked.problem);
    else if (seen.has(checked.line.customId))
      complain({
        code: 'duplicate_custom_id',
        message: `\`custom_id\` ${JSON.stringify(checked.line.customId)} stands on another line already.`,
        param: 'custom_id',
      });
    else seen.add(checked.line.customId);
    if (total > maxBatchLines) {
      complain({ code: 'too_many_tasks', message: `A batch takes ${maxBatchLines} lines.`, param: null });
      break;
    }
  }
  if (total === 0) problems.push({ code: 'empty_file', message: 'The file has no lines.', param: null, line: null });
  return { total, problems };
}
