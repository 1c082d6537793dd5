/** What can be asked of an answer without saying more, in the order of the picker. */
export const scorerGroups = [
  {
    title: 'Is it the expected answer?',
    scorers: [
      { name: 'exact', text: 'equals the expected one' },
      { name: 'contains', text: 'has the expected text, or all of a list' },
      { name: 'regex', text: 'the expected pattern occurs in it' },
      { name: 'numeric', text: 'is the expected number' },
      { name: 'json_diff', text: 'share of JSON values that are equal' },
      { name: 'json_schema', text: 'fits the expected JSON Schema' },
    ],
  },
  {
    title: 'How near is its text?',
    scorers: [
      { name: 'levenshtein', text: 'how much of the text it shares' },
      { name: 'bleu', text: 'runs of words, as in translation' },
      { name: 'chrf', text: 'runs of letters; good for any language' },
      { name: 'ter', text: 'edits that it would still need' },
      { name: 'rouge_1', text: 'words, as in summaries' },
      { name: 'rouge_2', text: 'pairs of words' },
      { name: 'rouge_l', text: 'words in the same order' },
      { name: 'rouge_lsum', text: 'words in order, line by line' },
      { name: 'meteor', text: 'words and stems in order; English' },
    ],
  },
  {
    title: 'Whatever is expected',
    scorers: [
      { name: 'readability', text: 'how easy it reads' },
      { name: 'language', text: 'which language it is in' },
      { name: 'pii', text: 'has no personal data' },
      { name: 'toxicity', text: 'has nothing hurtful' },
    ],
  },
  {
    title: 'Tools and retrieval',
    scorers: [
      { name: 'tool_calls', text: 'the expected calls of tools' },
      { name: 'trajectory', text: 'the expected steps, by its trace' },
      { name: 'retrieval_precision', text: 'share of found documents that are wanted' },
      { name: 'retrieval_recall', text: 'share of wanted documents that are found' },
      { name: 'retrieval_mrr', text: 'how high the first wanted one stands' },
      { name: 'retrieval_ndcg', text: 'how well they are ordered' },
    ],
  },
  {
    title: 'The usual ones of a task',
    scorers: [
      { name: 'task:text', text: 'toxicity and readability' },
      { name: 'task:question-answering', text: 'exact, and those' },
      { name: 'task:text-summarization', text: 'four of ROUGE, and those' },
      { name: 'task:retriever', text: 'precision, recall, nDCG of the first 3' },
    ],
  },
] as const;

export const knownScorers: ReadonlySet<string> = new Set(
  scorerGroups.flatMap(({ scorers }) => scorers.map(({ name }) => name)),
);

/** Those that judge what nothing is expected of, such as a trace. */
export const scorersOfAny = scorerGroups.filter(({ title }) => title === 'Whatever is expected');
