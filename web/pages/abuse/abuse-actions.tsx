import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { AbuseUserBody, RequestBody } from '@wheelhouse/sdk';
import { useData } from '../../data/data-context.tsx';
import { May } from '../../parts/may.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { type Shortcut, useShortcuts } from '../../parts/shortcuts.tsx';
import { useToast } from '../../parts/toast.tsx';

type Action = { keys: string; label: string; title: string; done: string; body: RequestBody<'actOnAbuseUser'> };

function actionsOf({ rung, isAllowed }: AbuseUserBody): Action[] {
  if (isAllowed)
    return [
      {
        ...{ keys: 'a', label: 'Allow no more', title: 'The user is looked at as any other', done: 'Looked at again' },
        body: { do: 'disallow' },
      },
    ];
  return [
    ...(rung === null
      ? []
      : [
          {
            ...{ keys: 'u', label: 'Undo', title: 'Calls are taken again; what was before counts no more' },
            ...{ done: 'Undone', body: { do: 'undo' as const } },
          },
        ]),
    {
      ...{ keys: 'a', label: 'Allow for good', title: 'Nothing is done about the user, ever', done: 'Allowed' },
      body: { do: 'allow' },
    },
    ...(rung === 'block'
      ? []
      : [
          {
            ...{ keys: 'b', label: 'Block', title: 'No calls are taken until somebody undoes it', done: 'Blocked' },
            body: { do: 'block' as const },
          },
        ]),
  ];
}

/** What can be done about a user, each by one key. */
export function AbuseActions({ user }: { user: AbuseUserBody }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const act = useMutation({
    mutationFn: ({ body }: Action) => client.call('actOnAbuseUser', { params: { user: user.user }, body }),
    onSuccess: async (_, { done }) => {
      toast(`✓ ${done}`);
      await queryClient.invalidateQueries({ queryKey: ['abuse'] });
    },
  });
  const actions = actionsOf(user);
  useShortcuts(
    'User',
    actions.map((action): Shortcut => {
      return {
        needs: 'actOnAbuseUser',
        ...{ keys: action.keys, label: action.label.toLowerCase(), hint: true, run: () => act.mutate(action) },
      };
    }),
  );
  return (
    <>
      {act.error && <ErrorText error={act.error} />}
      <May call="actOnAbuseUser">
        {actions.map((action) => (
          <button
            key={action.label}
            type="button"
            className={`btn ${action.label === 'Undo' ? 'btn-primary' : ''}`}
            title={action.title}
            disabled={act.isPending}
            onClick={() => act.mutate(action)}
          >
            {action.label} <kbd>{action.keys}</kbd>
          </button>
        ))}
      </May>
    </>
  );
}
