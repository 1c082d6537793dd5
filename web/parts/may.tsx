import type { RouteId } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { useMay } from '../data/access-queries.ts';

/** What is offered to those alone who may do it. */
export function May({ call, children }: { call: RouteId; children: ReactNode }): ReactNode {
  return useMay()(call) ? children : null;
}
