export { createAliasHandlers, createAliasMover } from './alias-handlers.ts';
export { createCommentHandlers } from './comment-handlers.ts';
export { createDeploymentReader, type LiveDeployments } from './deployment-reader.ts';
export { createDraftHandlers } from './draft-handlers.ts';
export { createImportHandlers } from './langfuse-import.ts';
export { createLangfusePrompts } from './langfuse-prompts.ts';
export { createLineageHandlers } from './lineage-handlers.ts';
export { createRegistryHandlers } from './registry.ts';
export { createUseHandlers } from './use-handlers.ts';
