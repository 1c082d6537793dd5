import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';

type Step = { run: string; env: Record<string, string> };
const action = parse(readFileSync(new URL('../../actions/evaluate/action.yml', import.meta.url), 'utf8')) as {
  inputs: Record<string, { default: string }>;
  runs: { steps: [Step, Step] };
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wheelhouse-action-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The first step as a runner would do it, with a command that writes the report and ends with a code. */
function evaluate(code: number, inputs: Record<string, string> = {}) {
  const [{ run, env }] = action.runs.steps;
  const command = join(folder, 'command.sh');
  writeFileSync(
    command,
    `echo "$@" > "${folder}/said"\nwhile [ "$1" != --md ]; do shift; done\necho found > "$2"\nexit ${code}\n`,
  );
  const given = { ...inputs, command: `bash ${command}` } as Record<string, string>;
  const value = (text: string) =>
    text.replace(
      /\$\{\{ inputs\.([\w-]+) \}\}/g,
      (_, name: string) => given[name] ?? action.inputs[name]?.default ?? '',
    );
  const { status } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {
    env: {
      ...{ PATH: process.env.PATH, RUNNER_TEMP: folder },
      ...{ GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: join(folder, 'summary') },
      ...Object.fromEntries(Object.entries(env).map(([name, text]) => [name, value(text)])),
    },
  });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { status, said: read('said').trim(), summary: read('summary'), output: read('output') };
}

it('hands on files and arguments, writes the summary, and ends as the command does', () => {
  const { status, said, summary, output } = evaluate(1, { files: 'evals', arguments: '--cap 5 --first 3' });
  expect({ status, summary }).toEqual({ status: 1, summary: 'found\n' });
  expect(said).toBe(`eval evals --cap 5 --first 3 --yes --md ${folder}/wheelhouse.md --junit ${folder}/wheelhouse.xml`);
  expect(output).toBe(`markdown=${folder}/wheelhouse.md\njunit=${folder}/wheelhouse.xml\n`);
});

it('fails for a gate that cannot be decided, unless it is not to be strict', () => {
  expect(evaluate(6).status).toBe(6);
  expect(evaluate(6, { strict: 'false' }).status).toBe(0);
  expect(evaluate(1, { strict: 'false' }).status).toBe(1);
});
