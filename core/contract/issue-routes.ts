import * as is from './issue-schemas.ts';
import { pageQuery } from './schemas.ts';

/** What they take and give; see `issuePaths`. */
export const issueRoutes = {
  listBadScores: {
    summary: 'Which scores say that something is bad: what was said for a name, and what is usual',
    response: is.badScoreList,
  },
  setBadScore: {
    summary: 'Say which values of the scores of a name are bad, from now on',
    body: is.newBadScore,
    response: is.badScoreList,
  },
  removeBadScore: { summary: 'As is usual again', response: is.badScoreList },
  listIssues: {
    summary: 'In which ways traces fail, the last seen first',
    query: is.issueQuery,
    response: is.issuePage,
  },
  getIssue: { summary: 'One issue, and what became of it', response: is.issueDetail },
  changeIssue: {
    summary: 'Say that it is known or resolved, whose it is, whether it holds releases, or anything else',
    body: is.issueChange,
    response: is.issueDetail,
  },
  listIssueTraces: {
    summary: 'Traces that fail in this way, newest first',
    query: pageQuery,
    response: is.issueTracePage,
  },
  mergeIssue: {
    summary: 'Put it into another; what comes later goes there, too',
    body: is.issueMerge,
    response: is.issueDetail,
  },
  splitIssue: {
    summary: 'Take out what was put into it; gives the issue that it becomes again',
    body: is.issueSplit,
    response: is.issueDetail,
  },
} as const;
