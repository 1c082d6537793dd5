import type { SplitRule } from '@wheelhouse/core/records';

/** A rule of splits as it is typed. */
export type SplitDraft = { parts: { name: string; share: string }[]; by: string; seed: string };

export const newSplit: SplitDraft = {
  parts: [
    { name: 'train', share: '80' },
    { name: 'test', share: '20' },
  ],
  by: 'input',
  seed: '',
};

export const splitDraftOf = ({ parts, by, seed }: SplitRule): SplitDraft => ({
  parts: Object.entries(parts).map(([name, share]) => ({ name, share: String(share) })),
  by,
  seed,
});

/** Why it is no rule yet; null: it is one. */
export function splitProblem({ parts, by }: SplitDraft): string | null {
  const names = parts.map(({ name }) => name.trim());
  if (names.length === 0) return 'It takes at least one part.';
  if (names.some((name) => name === '')) return 'A part has no name.';
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) return `Two parts are called ${twice}.`;
  if (parts.some(({ share }) => !(Number(share) > 0))) return 'A share is a number above 0.';
  if (!/^(?:input$|(?:input|expected|metadata)\..)/.test(by.trim()))
    return 'What stays together is `input`, or a path such as metadata.customer.';
  return null;
}

export const splitRuleOf = ({ parts, by, seed }: SplitDraft): SplitRule => ({
  parts: Object.fromEntries(parts.map(({ name, share }) => [name.trim(), Number(share)])),
  by: by.trim(),
  seed,
});

/** What it says, in one line: `train 80 %, test 20 %`. */
export function splitText({ parts }: Pick<SplitRule, 'parts'>): string {
  const total = Object.values(parts).reduce((sum, share) => sum + share, 0);
  return Object.entries(parts)
    .map(([name, share]) => `${name} ${Math.round((share / total) * 1000) / 10} %`)
    .join(', ');
}
