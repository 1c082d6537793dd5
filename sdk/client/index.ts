export type * from '@wheelhouse/core/contract';
export { livePath } from '@wheelhouse/core/contract/paths';
export * from './client.ts';
