/** Queues of what people look at, and what users of applications say. */
export const reviewPaths = {
  listReviewQueues: { method: 'GET', path: '/api/v1/review/queues' },
  createReviewQueue: { method: 'POST', path: '/api/v1/review/queues' },
  getReviewQueue: { method: 'GET', path: '/api/v1/review/queues/{queue}' },
  removeReviewQueue: { method: 'DELETE', path: '/api/v1/review/queues/{queue}' },
  setReviewRule: { method: 'PUT', path: '/api/v1/review/queues/{queue}/rule' },
  listReviewItems: { method: 'GET', path: '/api/v1/review/queues/{queue}/items' },
  addReviewItems: { method: 'POST', path: '/api/v1/review/queues/{queue}/items' },
  getReviewItem: { method: 'GET', path: '/api/v1/review/queues/{queue}/items/{item}' },
  takeReviewItem: { method: 'POST', path: '/api/v1/review/queues/{queue}/take' },
  labelReviewItem: { method: 'PUT', path: '/api/v1/review/queues/{queue}/items/{item}/label' },
  undoReviewLabel: { method: 'DELETE', path: '/api/v1/review/queues/{queue}/items/{item}/label' },
  decideReviewItem: { method: 'PUT', path: '/api/v1/review/queues/{queue}/items/{item}/decision' },
  addReviewedExamples: { method: 'POST', path: '/api/v1/review/queues/{queue}/examples' },
  getRaterAgreement: { method: 'GET', path: '/api/v1/review/queues/{queue}/agreement' },
  getReviewPreferences: { method: 'GET', path: '/api/v1/review/queues/{queue}/preferences' },
  correctJudge: { method: 'GET', path: '/api/v1/review/queues/{queue}/judge' },
  listFeedbackKeys: { method: 'GET', path: '/api/v1/feedback/keys' },
  createFeedbackKey: { method: 'POST', path: '/api/v1/feedback/keys' },
  revokeFeedbackKey: { method: 'DELETE', path: '/api/v1/feedback/keys/{keyId}' },
} as const satisfies Record<string, { method: 'GET' | 'POST' | 'PUT' | 'DELETE'; path: string }>;

export type ReviewRouteId = keyof typeof reviewPaths;

/** POST, from any page: what a user says of a trace. It takes a public key and no other. */
export const feedbackPath = '/api/v1/feedback';
