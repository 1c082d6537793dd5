import { createLangfuseDoor } from './langfuse/langfuse-door.ts';
import { createLangSmithDoor } from './langsmith/langsmith-door.ts';
import { createDoorHandler, type DoorDeps } from './vendor-door.ts';

/** The front doors that other vendors' clients find, each under its own prefix. */
export const createVendorDoors = (deps: DoorDeps) =>
  [createLangfuseDoor(deps), createLangSmithDoor(deps)].map((door) => createDoorHandler(door, deps.bodyLimit));
