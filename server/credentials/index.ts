export { createCredentialReader } from './credential-reader.ts';
export { createProviderHandlers } from './provider-handlers.ts';
