import type { UserGate } from '@wheelhouse/core/ports';
import type { Caller } from '@wheelhouse/core/records';
import type { Control } from './control-headers.ts';
import type { Task } from './task.ts';

/** Takes the calls of everybody. */
export const openGate: UserGate = { refusal: () => null };

/** Why a call is not taken whose end user is held; null: it goes on. Steps within a call are not asked for again. */
export const refusalOf = (
  gate: UserGate,
  { by, control, task }: { by: Caller; control: Pick<Control, 'user'>; task: Pick<Task, 'user'> },
) => gate.refusal({ project: by.project, key: by.key, user: control.user ?? task.user });
