const texts = ['toxicity', 'readability {"formula":"ari"}', 'readability {"formula":"flesch_kincaid_grade"}'] as const;

/** What MLflow's `evaluate` measures by default for each type of model, in our scorers. */
const byTask = {
  text: texts,
  'question-answering': ['exact', ...texts],
  'text-summarization': ['rouge_1', 'rouge_2', 'rouge_l', 'rouge_lsum', ...texts],
  retriever: ['retrieval_precision {"k":3}', 'retrieval_recall {"k":3}', 'retrieval_ndcg {"k":3}'],
} as const satisfies Record<string, readonly string[]>;

export type ScoredTask = keyof typeof byTask;
export const scoredTasks = Object.keys(byTask) as ScoredTask[];

/** The usual scorers of a task, as labels. */
export const scorersOfTask = (task: ScoredTask): string[] => [...byTask[task]];
