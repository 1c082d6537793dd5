import type { EvaluationBody, EvaluationRowBody } from '@wheelhouse/sdk';

// What XML 1.0 has no way to say.
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;' };
const xml = (text: string) => text.replace(forbidden, '').replace(/[&<>"\n]/g, (char) => escapes[char] ?? char);

type Case = { name: string; group: string; seconds?: number; inside?: string };

const caseOf = ({ name, group, seconds = 0, inside = '' }: Case) =>
  `    <testcase classname="${xml(group)}" name="${xml(name)}" time="${seconds.toFixed(3)}">${inside}</testcase>`;

function gateCases({ gateResults, runs }: EvaluationBody): Case[] {
  return gateResults.map(({ text, state, sentence, runId }) => {
    const group = `gate ${runs.find(({ id }) => id === runId)?.label ?? ''}`.trim();
    if (state === 'held') return { name: text, group };
    const tag = state === 'failed' ? 'failure' : 'skipped';
    return { name: text, group, inside: `<${tag} message="${xml(sentence)}"/>` };
  });
}

function errorCases({ runs }: EvaluationBody, rows: readonly EvaluationRowBody[]): Case[] {
  return rows.flatMap(({ exampleId, cells }) =>
    runs.flatMap(({ id, label }) =>
      (cells[id] ?? []).flatMap(({ repetition, error, latencyNs }) =>
        error === null
          ? []
          : [
              {
                ...{ name: `${exampleId} #${repetition + 1}`, group: label, seconds: Number(latencyNs) / 1e9 },
                inside: `<error message="${xml(error)}"/>`,
              },
            ],
      ),
    ),
  );
}

export type JunitSuite = { evaluation: EvaluationBody; failedRows: readonly EvaluationRowBody[] };

/**
 * JUnit's XML: a suite an evaluation, a test case a gate (failed: a failure, inconclusive: skipped) and a call that failed
 * (an error).
 */
export function junit(suites: readonly JunitSuite[]): string {
  const parts = suites.map(({ evaluation, failedRows }) => {
    const cases = [...gateCases(evaluation), ...errorCases(evaluation, failedRows)];
    const count = (tag: string) => cases.filter(({ inside }) => inside?.startsWith(`<${tag} `)).length;
    const name = xml(evaluation.name || evaluation.id);
    const head = `name="${name}" tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
    return [`  <testsuite ${head}>`, ...cases.map(caseOf), '  </testsuite>'].join('\n');
  });
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...parts, '</testsuites>', ''].join('\n');
}
