export { type ChatRequest, parseChatRequest, prepareChat, type VendorChat } from './prepare-chat.ts';
export { checkPrompt, inferSignature, renderPrompt, versionHash } from './prompt.ts';
export { renderTemplate, templateVariables } from './template.ts';
