import type { Client } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import type { Terminal } from '../output/terminal.ts';

export type CarryDeps = { client: Client; config: Config; terminal: Terminal };

/** What came of one thing of the plan. */
export type Outcome = { what: string; name: string; said: string; isNew: boolean };

export const number = (value: number): string => value.toLocaleString('en');
