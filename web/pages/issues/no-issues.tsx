import { type Here, useHere } from '../../data/here.ts';
import { Empty, type Way } from '../../parts/empty.tsx';

const ways = ({ origin, curl }: Here): Way[] => [
  {
    title: 'By themselves',
    text: 'A call or a step that fails is an issue within seconds, and a refusal is one, too.',
  },
  {
    title: 'By what users and scorers say',
    text: 'A score of false, or one below 0.5 of a scorer, makes the trace part of an issue about what was asked.',
    code: `curl ${origin}/api/v1/scores ${curl} \\
  -d '{"traceId": "…", "name": "feedback", "value": false}'`,
  },
];

export function NoIssues() {
  return (
    <Empty
      heading="No issues"
      text="Traces that fail in the same way are one issue: with how often, who met it, which version, and whether it came back after it was resolved."
      ways={ways(useHere())}
    />
  );
}
