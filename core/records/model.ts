import type { ModelId } from './ids.ts';
import type { Json, JsonObject } from './json.ts';
import type { LineageRef } from './lineage.ts';
import type { ReleaseSplit } from './release.ts';

/** JSON Schema 2020-12. */
export type JsonSchema = JsonObject;
/** What goes in and what comes out. `parameters`: what may be said of how to answer; their defaults are in the schema. */
export type Signature = { input: JsonSchema; output: JsonSchema; parameters?: JsonSchema };

/**
 * What a version is inside: a flavor of `core/model`, whose folder there knows the rest of it.
 * `baseModel` (`provider/model` or the name of a route): one call of it is the answer.
 */
export type ModelDefinition = { flavor: string; baseModel?: string | undefined };

/**
 * `before`: the version that a rollback leads to; null: there is none. `release`: of another version, while it is on its way
 * to the alias.
 */
export type Alias = {
  alias: string;
  version: number;
  before: number | null;
  movedAt: string;
  release?: ReleaseSplit;
};

export type Model = {
  id: ModelId;
  name: string;
  description: string;
  tags: string[];
  /** Who answers for it, as the audit log names people; null: nobody yet. */
  owner: string | null;
  /** Highest version number; 0 before the first. */
  latest: number;
  aliases: Alias[];
  createdAt: string;
  /** Of its newest version, alias or description. */
  changedAt: string;
};

/** Immutable. The hash covers definition and signature, so that equal content has equal hash. */
export type ModelVersion = {
  modelId: ModelId;
  number: number;
  hash: string;
  definition: ModelDefinition;
  signature: Signature;
  /** An input that it takes, to show and to try; null: none was given. */
  example: Json;
  message: string;
  /** Who published it, as the audit log names people. */
  author: string;
  /** What it was made from, as {@link LineageRef}. */
  madeFrom: LineageRef[];
  createdAt: string;
};

export type AuditEntry = {
  id: string;
  at: string;
  actor: string;
  action: string;
  subject: string;
  detail: JsonObject;
};
