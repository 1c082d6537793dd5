import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import {
  causeKey,
  type Issue,
  type IssueCause,
  type IssueEvent,
  type IssueGroup,
  type IssueOccurrence,
  issueOfGroup,
} from '../../records/index.ts';
import { signalKey } from './failing.ts';
import { isBack } from './is-back.ts';
import { titleOf } from './title-of.ts';
import { tellingWords } from './words.ts';
import { cosine, wordsVector } from './words-vector.ts';

/** Groups of the causes that occurred, and the issues that they are of. */
export type KnownIssues = {
  groups: readonly IssueGroup[];
  issues: readonly Issue[];
  /** Groups of all causes. */
  groupCount: number;
  /** The group that an occurrence is in already: by its trace and {@link signalKey}. */
  placed: ReadonlyMap<string, string>;
};

export type PlacedIssues = {
  /** In the order of the occurrences: the group of each. */
  groupIds: string[];
  /** What changed. */
  groups: IssueGroup[];
  issues: Issue[];
  events: { issueId: string; kind: IssueEvent['kind']; text: string }[];
};

/** Messages of one fault differ in little; two questions about one thing have a word in two in common. */
const leastAlike = { error: 0.75, handled: 0.75, refusal: 0.45, score: 0.45 } as const;
/** What comes beyond them goes to one group for everything else. */
const mostOfCause = 40;
const mostGroups = 2_000;
const wordsKept = 40;
const mostModels = 20;
const longestText = 300;

const rest = (cause: IssueCause): IssueCause => ({ signal: cause.signal, what: '', step: '', model: '' });
/** Of a cause and the trace that it was first seen in: whoever finds it again after a kill gives it the same one. */
const idOf = (key: string, traceId: string) => bytesToHex(sha256(utf8ToBytes(`${key}\n${traceId}`))).slice(0, 20);

/** With those of one more text; the most frequent ones stay. */
function addWords(words: Record<string, number>, text: string): Record<string, number> {
  const counts = { ...words };
  for (const word of tellingWords(text).slice(0, 30)) counts[word] = (counts[word] ?? 0) + 1;
  const kept = Object.entries(counts).toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return Object.fromEntries(kept.slice(0, wordsKept));
}

function joined(group: IssueGroup, vector: readonly number[], text: string): IssueGroup {
  const sum = group.sum.map((value, i) => Number((value + (vector[i] ?? 0)).toFixed(4)));
  return { ...group, size: group.size + 1, sum, words: addWords(group.words, text) };
}

const isoOf = (ms: number) => new Date(ms).toISOString();

/** Puts occurrences, in their order, to groups of their kind, and says what becomes of the issues. */
export function placeOccurrences(
  occurrences: readonly IssueOccurrence[],
  known: KnownIssues,
  { at }: { at: string },
): PlacedIssues {
  const groups = new Map(known.groups.map((group) => [group.id, group]));
  const issues = new Map(known.issues.map((issue) => [issue.id, issue]));
  const changedGroups = new Set<string>();
  const changedIssues = new Set<string>();
  const events: PlacedIssues['events'] = [];
  let count = known.groupCount;

  const ofCause = (key: string) =>
    [...groups.values()].filter(({ cause }) => causeKey(cause) === key).toSorted((a, b) => (a.id < b.id ? -1 : 1));

  function open(cause: IssueCause, { traceId, text, atMs }: IssueOccurrence): IssueGroup {
    const id = `isg_${idOf(causeKey(cause), traceId)}`;
    const issueId = issueOfGroup(id);
    const group = { id, issueId, cause, text: text.slice(0, longestText), size: 0, words: {} };
    const made = { ...group, sum: wordsVector('').map(() => 0) };
    count++;
    groups.set(id, made);
    const seen = isoOf(atMs);
    issues.set(issueId, {
      ...{ id: issueId, title: '', signal: cause.signal, state: 'new', isBlocker: false, assignee: null, models: [] },
      ...{ firstSeen: seen, lastSeen: seen, resolution: null, regressedAt: null },
    });
    events.push({ issueId, kind: 'opened', text: '' });
    return made;
  }

  /** The nearest group, or a new one. */
  function groupFor(occurrence: IssueOccurrence, vector: readonly number[]): IssueGroup {
    const { cause } = occurrence;
    const same = ofCause(causeKey(cause));
    let best: { group: IssueGroup; alike: number } | null = null;
    for (const group of same) {
      const alike = cosine(group.sum, vector);
      if (alike >= leastAlike[cause.signal] && alike > (best?.alike ?? 0)) best = { group, alike };
    }
    if (best !== null) return best.group;
    if (same.length < mostOfCause && count < mostGroups) return open(cause, occurrence);
    return ofCause(causeKey(rest(cause)))[0] ?? open(rest(cause), occurrence);
  }

  function note(group: IssueGroup, occurrence: IssueOccurrence): void {
    const issue = issues.get(group.issueId);
    if (issue === undefined) return;
    const model = occurrence.version?.model;
    const models =
      model === undefined || issue.models.includes(model) || issue.models.length >= mostModels
        ? issue.models
        : [...issue.models, model].toSorted();
    const back = isBack(issue, occurrence);
    if (back) {
      const version = occurrence.version === null ? '' : ` in version ${occurrence.version.number} of ${model}`;
      events.push({ issueId: issue.id, kind: 'regressed', text: `It came again${version}.` });
    }
    issues.set(issue.id, {
      ...issue,
      // What its first group is about is what it is called; what was merged into it changes no name.
      ...(issueOfGroup(group.id) === issue.id ? { title: titleOf(group) } : {}),
      ...(back ? { state: 'regressed', regressedAt: at } : {}),
      models,
      firstSeen: isoOf(Math.min(occurrence.atMs, Date.parse(issue.firstSeen))),
      lastSeen: isoOf(Math.max(occurrence.atMs, Date.parse(issue.lastSeen))),
    });
    changedIssues.add(issue.id);
  }

  const groupIds = occurrences.map((occurrence) => {
    const { cause, text, traceId } = occurrence;
    const before = groups.get(known.placed.get(`${traceId} ${signalKey(cause)}`) ?? '');
    const stays = before !== undefined && [causeKey(cause), causeKey(rest(cause))].includes(causeKey(before.cause));
    if (stays) {
      note(before, occurrence);
      return before.id;
    }
    const vector = wordsVector(text);
    const group = joined(groupFor(occurrence, vector), vector, text);
    groups.set(group.id, group);
    changedGroups.add(group.id);
    note(group, occurrence);
    return group.id;
  });
  return {
    groupIds,
    groups: [...changedGroups].flatMap((id) => groups.get(id) ?? []),
    issues: [...changedIssues].flatMap((id) => issues.get(id) ?? []),
    events,
  };
}

/** Keys of the causes whose groups an occurrence may go to. */
export const causeKeysOf = (occurrences: readonly IssueOccurrence[]): string[] => [
  ...new Set(occurrences.flatMap(({ cause }) => [causeKey(cause), causeKey(rest(cause))])),
];
