import type { JudgeDraft, Twin } from '@wheelhouse/core/eval';
import type { JsonObject } from '@wheelhouse/core/records';
import { type DraftModel, nameOf, type Remark, type ScorerText } from './draft.ts';

export const promptModel = (
  name: string,
  prompt: { baseModel: string; messages: readonly JsonObject[]; parameters: JsonObject },
  about: Pick<DraftModel, 'description' | 'variables'>,
): DraftModel => ({
  ...{ name: nameOf(name), ...about },
  definition: { flavor: 'prompt', ...prompt, messages: [...prompt.messages] },
});

/** Scorers for the file, the judges among them as prompts of the registry; what has no twin is a remark. */
export function scorersOfTwins(
  twins: readonly Twin[],
  { of, judge }: { of: string; judge: string },
): { scorers: ScorerText[]; models: DraftModel[]; remarks: Remark[] } {
  const scorers: ScorerText[] = [];
  const models: DraftModel[] = [];
  const remarks: Remark[] = [];
  const judgeOf = (name: string, { judge: draft }: { judge: JudgeDraft }): void => {
    const { baseModel, messages, parameters, options } = draft;
    const prompt = { baseModel: baseModel ?? judge, messages, parameters };
    const about = {
      description: `The judge \`${name}\` of ${of}`,
      variables: ['input', 'output', 'expected', 'metadata'],
    };
    const model = promptModel(`${nameOf(of)}-${nameOf(name)}`, prompt, about);
    models.push(model);
    scorers.push({ name: 'judge_model', options, model });
    if (baseModel === null)
      remarks.push({ of: `${of}, ${name}`, said: `the export does not say who judges: ${judge} does` });
  };
  for (const { name, scorer, remarks: said } of twins) {
    for (const one of said)
      remarks.push({ of: `${of}, ${name}`, said: scorer === null ? `has no twin here: ${one}` : one });
    if (scorer === null) continue;
    if ('judge' in scorer) judgeOf(name, scorer);
    else if ('code' in scorer) scorers.push({ name, ...scorer });
    else scorers.push(scorer);
  }
  return { scorers, models, remarks };
}
