import { useQueryClient } from '@tanstack/react-query';
import type { ModelDetailBody } from '@wheelhouse/sdk';
import { useData } from '../../data/data-context.tsx';
import { Confirm } from '../../parts/confirm.tsx';

type Alias = ModelDetailBody['model']['aliases'][number];

/** The alias that a single key rolls back: production where it can be, else the one that moved last. */
export function rolledBackFirst(aliases: Alias[]): Alias | undefined {
  const able = aliases.filter(({ before }) => before !== null);
  return (
    able.find(({ alias }) => alias === 'production') ??
    able.toSorted((a, b) => b.movedAt.localeCompare(a.movedAt)).at(0)
  );
}

/** Puts an alias back to where it was before, after one question. */
export function RollBack({ name, alias, onClose }: { name: string; alias: Alias; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  return (
    <Confirm
      title={`Roll @${alias.alias} back to v${alias.before}?`}
      action={`Roll back to v${alias.before}`}
      done={`@${alias.alias} is at v${alias.before} again`}
      run={async () => {
        const after = await client.call('rollBackAlias', { params: { name, alias: alias.alias } });
        queryClient.setQueryData(['model', name], { model: after.model, versions: after.versions });
      }}
      changes={['models', 'model-pages', 'model']}
      onClose={onClose}
    >
      The next call to <span className="mono">{`${name}@${alias.alias}`}</span> is answered by v{alias.before} instead
      of v{alias.version}. No version is lost.
    </Confirm>
  );
}
