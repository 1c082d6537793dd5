import type { JsonObject } from '../../records/index.ts';
import type { NamedScorer } from '../scorers.ts';
import type { ScorerCode } from './code-twins.ts';

/** A judge that becomes a prompt of the registry; `judge_model` asks it with the other `options`. */
export type JudgeDraft = {
  /** `provider/model`; null: the export does not say who judges. */
  baseModel: string | null;
  messages: { role: string; content: string }[];
  parameters: JsonObject;
  options: JsonObject;
};

/** What stands here for a grader of another tool. */
export type Twin = {
  /** As it is called there. */
  name: string;
  /** null: there is none, and `remarks` say why. */
  scorer: NamedScorer | ScorerCode | { judge: JudgeDraft } | null;
  /** What is not the same here, a sentence each. */
  remarks: string[];
};

export const twin = (name: string, scorer: NonNullable<Twin['scorer']>, ...remarks: string[]): Twin => ({
  ...{ name, scorer, remarks },
});
export const noTwin = (name: string, why: string): Twin => ({ name, scorer: null, remarks: [why] });

/** Holds a judge to one of the labels, or to a number, with its reason before it. */
export function judgeFormat(name: string, verdict: JsonObject): JsonObject {
  const schema = {
    type: 'object',
    properties: { reason: { type: 'string' }, ...verdict },
    required: ['reason', ...Object.keys(verdict)],
    additionalProperties: false,
  };
  return { response_format: { type: 'json_schema', json_schema: { name, strict: true, schema } } };
}
