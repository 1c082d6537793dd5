export { keepLease, type Lease, type LeaseOptions } from './keep-lease.ts';
export { type PublishedCode, publishCode } from './publish-code.ts';
export { type ServeOptions, serveModel } from './serve-model.ts';
export { type ServeContext, type ServedFunction, type ServedModel, yieldsText } from './served-model.ts';
