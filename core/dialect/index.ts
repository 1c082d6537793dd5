export * from './codec.ts';
export {
  base64ToVector,
  type EmbeddingAnswer,
  writeEmbeddingAnswer,
} from './embeddings/answer.ts';
export { type EmbeddingRequest, readEmbeddingRequest } from './embeddings/request.ts';
export {
  type EmbeddingDialect,
  readEmbeddingAnswers,
  writeEmbeddingRequests,
} from './embeddings/vendors.ts';
export { failureError } from './failure.ts';
export { answerEvents, createAnswerFold } from './fold-answer.ts';
export { queuedResponse } from './openai-responses/answer.ts';
export {
  type ConversationTurn,
  responseInput,
  responsesNamed,
  withConversation,
} from './openai-responses/conversation.ts';
export { type Exchange, type ExchangeBytes, readExchange } from './read-exchange.ts';
export { type Outcome, readOutcome } from './read-outcome.ts';
export { codecOf } from './registry.ts';
export { renameEdits, renameMembers } from './rename-members.ts';
export { createSseParser, readSseEvents, type SseParser } from './sse.ts';
export * from './translate.ts';
