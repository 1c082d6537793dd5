export { type Failing, failsMoreOften } from './fails-more-often.ts';
export { isSlower, type Slowness } from './is-slower.ts';
