import { useQuery } from '@tanstack/react-query';
import { type ControlScope, eachSubject } from '@wheelhouse/core/records';
import { keysQuery, peopleQuery, teamsQuery } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';

type Subject = { id: string; name: string };

export type Subjects = {
  /** What can be chosen; end users are written by hand. */
  of(scope: ControlScope): Subject[];
  /** In words: `key support-bot`, `each end user`. */
  title(row: { scope: ControlScope; subject: string }): string;
  /** One subject of the scope, by its name. */
  name(scope: ControlScope, id: string): string;
};

export const scopeNames: Record<ControlScope, string> = {
  project: 'project',
  team: 'team',
  person: 'person',
  key: 'key',
  user: 'end user',
};

/** Names for the ids that budgets and limits are about. */
export function useSubjects(): Subjects {
  const { client } = useData();
  const keys = useQuery(keysQuery(client)).data ?? [];
  const people = useQuery(peopleQuery(client)).data ?? [];
  const teams = useQuery(teamsQuery(client)).data ?? [];
  const lists: Record<ControlScope, Subject[]> = {
    project: [],
    team: teams,
    person: people,
    key: keys.filter((key) => key.revokedAt === null),
    user: [],
  };
  const all: Record<ControlScope, Subject[]> = { ...lists, key: keys };
  const name = (scope: ControlScope, id: string) => all[scope].find((one) => one.id === id)?.name ?? id;
  return {
    of: (scope) => lists[scope],
    name,
    title({ scope, subject }) {
      if (scope === 'project') return 'the whole project';
      return subject === eachSubject ? `each ${scopeNames[scope]}` : `${scopeNames[scope]} ${name(scope, subject)}`;
    },
  };
}
