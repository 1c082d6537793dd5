import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { atLeast, type Role, roles } from '@wheelhouse/core/records';
import type { MeBody, PersonBody, TeamBody } from '@wheelhouse/sdk';
import { UserPlus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { peopleQuery, teamsQuery, useMay, useMe } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { dateTime } from '../../data/format.ts';
import { useHere } from '../../data/here.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Empty } from '../../parts/empty.tsx';
import { NeedsRole } from '../../parts/needs-role.tsx';
import { Pill } from '../../parts/pill.tsx';
import { ErrorText, QueryState } from '../../parts/request-state.tsx';
import { SettingsFrame } from '../../parts/settings-frame.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { useToast } from '../../parts/toast.tsx';
import { Invitations, InviteForm } from './invitations.tsx';
import { Section, TableCard } from './section.tsx';
import { Teams } from './teams.tsx';

const route = getRouteApi('/settings/people');

type Change = { role?: Role; team?: string | null };
type MemberProps = { person: PersonBody; me: MeBody; teams: TeamBody[]; onRemove: (person: PersonBody) => void };

/** The cells of one person; a role above one's own is not for one to decide about. */
function useCells() {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const may = useMay();
  const change = useMutation({
    mutationFn: ({ id, ...body }: Change & { id: string }) =>
      client.call('changePerson', { params: { personId: id }, body }),
    onSuccess: (person) => toast(`✓ ${person.name} is ${person.role}`),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['people'] }),
  });
  const cells = ({ person, me, teams, onRemove }: MemberProps) => {
    const mayDecide = may('changePerson') && atLeast(me.role, person.role);
    const isMe = me.person?.id === person.id;
    const team = teams.find(({ id }) => id === person.team);
    return [
      <span key="who" className="block min-w-0">
        <span className="font-medium break-words">{person.name}</span> {isMe && <Pill tone="accent">you</Pill>}
        {person.email !== person.name && <span className="block break-all text-text-3">{person.email}</span>}
      </span>,
      mayDecide && !isMe ? (
        <select
          key="role"
          aria-label={`Role of ${person.name}`}
          className="field !w-auto"
          value={person.role}
          onChange={(event) => change.mutate({ id: person.id, role: event.target.value as Role })}
        >
          {roles
            .filter((role) => atLeast(me.role, role))
            .map((role) => (
              <option key={role}>{role}</option>
            ))}
        </select>
      ) : (
        person.role
      ),
      mayDecide && teams.length > 0 ? (
        <select
          key="team"
          aria-label={`Team of ${person.name}`}
          className="field !w-auto max-w-40"
          value={person.team ?? ''}
          onChange={(event) => change.mutate({ id: person.id, team: event.target.value || null })}
        >
          <option value="">none</option>
          {teams.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      ) : (
        <span key="team" className="text-text-2">
          {team?.name ?? '–'}
        </span>
      ),
      <span key="since" className="whitespace-nowrap text-text-2">
        {dateTime(person.since)}
      </span>,
      mayDecide && !isMe ? (
        <button
          key="remove"
          type="button"
          className="btn !min-h-6"
          aria-label={`Remove ${person.name}`}
          onClick={() => onRemove(person)}
        >
          Remove
        </button>
      ) : (
        ''
      ),
    ];
  };
  return { cells, error: change.error };
}

function Members({ people, me, teams }: { people: PersonBody[]; me: MeBody; teams: TeamBody[] }) {
  const { client } = useData();
  const { cells, error } = useCells();
  const [leaving, setLeaving] = useState<PersonBody | null>(null);
  return (
    <>
      <TableCard
        label="Who is in the project"
        heads={['Person', 'Role', 'Team', 'Since', 'Change']}
        rows={people.map((person) => ({
          key: person.id,
          cells: cells({ person, me, teams, onRemove: setLeaving }),
        }))}
      />
      {error && <ErrorText error={error} />}
      {leaving && (
        <Confirm
          title={`Remove ${leaving.name}?`}
          action="Remove"
          run={() => client.call('removePerson', { params: { personId: leaving.id } })}
          done={`${leaving.name} is not in ${me.project.name} any more`}
          changes={['people', 'keys', 'teams']}
          onClose={() => setLeaving(null)}
        >
          They see nothing of {me.project.name} from now on, and keys that act for them end. What they made stays.
        </Confirm>
      )}
    </>
  );
}

function NoPeople({ signsIn }: { signsIn: boolean }) {
  return signsIn ? (
    <Empty
      heading="Nobody was invited yet"
      text="The admin key owns every project. People sign in with an address of their own, and have a role in each project."
      ways={[
        {
          title: 'From a terminal',
          text: 'It prints a link, good for seven days.',
          code: 'wheelhouse person invite ada@example.com --role editor',
        },
      ]}
    />
  ) : (
    <Empty
      heading="On this machine everything is yours"
      text="Nobody signs in where the server answers to this machine alone. Start it with an admin key to invite people."
      ways={[
        {
          title: 'For several people',
          text: 'Restart the server so; the key signs you in, and you invite the others here.',
          code: 'export WHEELHOUSE_ADMIN_KEY=$(openssl rand -hex 24)\necho $WHEELHOUSE_ADMIN_KEY\nwheelhouse start --host 0.0.0.0',
        },
      ]}
    />
  );
}

/** Who is in the project, who may come, and their teams. */
export function PeoplePage(): ReactNode {
  const { client } = useData();
  const me = useMe();
  const may = useMay();
  const { needsKey } = useHere();
  const { open } = route.useSearch();
  const navigate = useNavigate();
  const people = useQuery(peopleQuery(client));
  const teams = useQuery(teamsQuery(client));
  const mayInvite = needsKey && may('invitePerson');
  const show = (next: 'invite' | undefined) =>
    void navigate({ to: '/settings/people', search: next === undefined ? {} : { open: next }, replace: true });
  useShortcuts(
    'People',
    mayInvite ? [{ keys: 'c', label: 'invite a person', hint: true, run: () => show('invite') }] : [],
  );
  const invite = mayInvite && (
    <button type="button" className="btn btn-primary" onClick={() => show('invite')}>
      <UserPlus size={13} strokeWidth={1.75} aria-hidden="true" />
      Invite
    </button>
  );
  return (
    <SettingsFrame title="People">
      <Section title="Members" text="Each with a role in this project." actions={invite}>
        <QueryState query={people} what="people" />
        {people.data?.length === 0 && <NoPeople signsIn={needsKey} />}
        {me && people.data && people.data.length > 0 && (
          <Members people={people.data} me={me} teams={teams.data ?? []} />
        )}
        {needsKey && <NeedsRole of="invitePerson" what="Inviting people and changing roles" />}
      </Section>
      {mayInvite && <Invitations />}
      {teams.data && <Teams teams={teams.data} />}
      {open === 'invite' && mayInvite && <InviteForm onClose={() => show(undefined)} />}
    </SettingsFrame>
  );
}
