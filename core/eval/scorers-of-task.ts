import { WheelhouseError } from '../records/index.ts';

const texts = ['toxicity', 'readability {"formula":"ari"}', 'readability {"formula":"flesch_kincaid_grade"}'] as const;

/** What MLflow's `evaluate` measures by default for each type of model, in our scorers. */
const byTask = {
  text: texts,
  'question-answering': ['exact', ...texts],
  'text-summarization': ['rouge_1', 'rouge_2', 'rouge_l', 'rouge_lsum', ...texts],
  retriever: ['retrieval_precision {"k":3}', 'retrieval_recall {"k":3}', 'retrieval_ndcg {"k":3}'],
} as const satisfies Record<string, readonly string[]>;

type Task = keyof typeof byTask;
const tasks = Object.keys(byTask) as Task[];
const isTask = (name: string): name is Task => Object.hasOwn(byTask, name);

const prefix = 'task:';

/**
 * The scorers that are meant: of `task:question-answering` those of the task, of any other text that one.
 * @throws WheelhouseError `invalid_request` for a task that is unknown
 */
export function scorersMeant<Scorer>(scorer: Scorer): (Scorer | string)[] {
  if (typeof scorer !== 'string' || !scorer.trim().startsWith(prefix)) return [scorer];
  const task = scorer.trim().slice(prefix.length);
  if (isTask(task)) return [...byTask[task]];
  throw new WheelhouseError('invalid_request', `There is no usual set of scorers for \`${task.slice(0, 80)}\`.`, {
    param: 'scorers',
    hint: `There is one for ${tasks.map((one) => `\`${prefix}${one}\``).join(', ')}.`,
  });
}
