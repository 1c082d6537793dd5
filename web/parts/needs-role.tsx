import type { RouteId } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { roleFor, useMay, useMe } from '../data/access-queries.ts';

type NeedsRoleProps = {
  /** What would be called. */
  of: RouteId;
  /** `Inviting people`. */
  what: string;
};

/** Why something is not offered; nothing where it is. */
export function NeedsRole({ of, what }: NeedsRoleProps): ReactNode {
  const me = useMe();
  const may = useMay();
  if (me === undefined || may(of)) return null;
  return (
    <p className="text-text-3">
      {what} takes the role {roleFor(of)} in this project; you are {me.role ?? 'in it by a key'}. An{' '}
      {roleFor(of) === 'owner' ? 'owner' : 'admin'} can do it, or give you the role.
    </p>
  );
}
