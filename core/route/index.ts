export { type RouteTable, resolveTarget, type Target } from './resolve-target.ts';
