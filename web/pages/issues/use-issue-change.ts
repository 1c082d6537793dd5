import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { IssueDetailBody, RequestBody } from '@wheelhouse/sdk';
import { useData } from '../../data/data-context.tsx';

/** Says something of an issue; what comes back is shown at once. */
export function useIssueChange({ id }: Pick<IssueDetailBody, 'id'>) {
  const { client } = useData();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: RequestBody<'changeIssue'>) => client.call('changeIssue', { params: { issueId: id }, body }),
    onSuccess: async (issue) => {
      queryClient.setQueryData(['issues', 'one', id], issue);
      await queryClient.invalidateQueries({ queryKey: ['issues'] });
    },
  });
}
