import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { TeamBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useMay } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { NeedsRole } from '../../parts/needs-role.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { Section, TableCard } from './section.tsx';

type Team = TeamBody & { people: number; keys: number };

function NewTeam() {
  const { client } = useData();
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const form = useMutation({
    mutationFn: () => client.call('createTeam', { body: { name } }),
    onSuccess: async () => {
      setName('');
      await queryClient.invalidateQueries({ queryKey: ['teams'] });
    },
  });
  return (
    <form
      className="flex flex-wrap gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        form.mutate();
      }}
    >
      <input
        aria-label="Name of a new team"
        className="field !w-48"
        placeholder="Support"
        required
        maxLength={80}
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <button type="submit" className="btn" disabled={form.isPending}>
        Form a team
      </button>
      {form.error && <ErrorText error={form.error} />}
    </form>
  );
}

/** People and keys that a budget counts together. */
export function Teams({ teams }: { teams: Team[] }) {
  const { client } = useData();
  const may = useMay();
  const [ending, setEnding] = useState<Team | null>(null);
  return (
    <Section
      title="Teams"
      text="A team groups people and keys, so that a budget or a limit holds for all of them together."
      actions={may('createTeam') && <NewTeam />}
    >
      {teams.length === 0 && <p className="text-text-3">There is no team yet.</p>}
      {teams.length > 0 && (
        <TableCard
          label="All teams"
          heads={['Team', 'People', 'Keys', 'Id', 'Change']}
          right={[1, 2]}
          rows={teams.map((team) => ({
            key: team.id,
            cells: [
              <span key="name" className="font-medium break-words">
                {team.name}
              </span>,
              team.people,
              team.keys,
              <span key="id" className="mono break-all text-text-3">
                {team.id}
              </span>,
              may('removeTeam') ? (
                <button
                  key="remove"
                  type="button"
                  className="btn !min-h-6"
                  aria-label={`Dissolve ${team.name}`}
                  onClick={() => setEnding(team)}
                >
                  Dissolve
                </button>
              ) : (
                ''
              ),
            ],
          }))}
        />
      )}
      <NeedsRole of="createTeam" what="Forming teams" />
      {ending && (
        <Confirm
          title={`Dissolve ${ending.name}?`}
          action="Dissolve"
          run={() => client.call('removeTeam', { params: { teamId: ending.id } })}
          done={`${ending.name} is dissolved`}
          changes={['teams', 'people', 'keys']}
          onClose={() => setEnding(null)}
        >
          Its people and keys stay, without a team; its budgets and limits hold for nobody from then on.
        </Confirm>
      )}
    </Section>
  );
}
