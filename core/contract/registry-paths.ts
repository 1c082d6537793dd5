/** Who may move aliases, what versions did, what was made from what, and what people say of it. */
export const registryPaths = {
  changeModel: { method: 'PUT', path: '/api/v1/models/{name}' },
  readDraft: { method: 'POST', path: '/api/v1/drafts' },
  diffVersions: { method: 'GET', path: '/api/v1/models/{name}/diff' },
  rollBackAlias: { method: 'POST', path: '/api/v1/models/{name}/aliases/{alias}/rollback' },
  requestAlias: { method: 'POST', path: '/api/v1/models/{name}/aliases/{alias}/requests' },
  listAliasRequests: { method: 'GET', path: '/api/v1/alias-requests' },
  getAliasRequest: { method: 'GET', path: '/api/v1/alias-requests/{requestId}' },
  decideAliasRequest: { method: 'POST', path: '/api/v1/alias-requests/{requestId}/decision' },
  listAliasRules: { method: 'GET', path: '/api/v1/alias-rules' },
  setAliasRule: { method: 'PUT', path: '/api/v1/alias-rules/{alias}' },
  removeAliasRule: { method: 'DELETE', path: '/api/v1/alias-rules/{alias}' },
  listModelUse: { method: 'GET', path: '/api/v1/model-use' },
  getLineage: { method: 'GET', path: '/api/v1/lineage' },
  listComments: { method: 'GET', path: '/api/v1/comments' },
  createComment: { method: 'POST', path: '/api/v1/comments' },
  changeComment: { method: 'PUT', path: '/api/v1/comments/{commentId}' },
  removeComment: { method: 'DELETE', path: '/api/v1/comments/{commentId}' },
  importLangfusePrompts: { method: 'POST', path: '/api/v1/imports/langfuse' },
} as const;

export type RegistryRouteId = keyof typeof registryPaths;
