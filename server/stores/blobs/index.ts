export { openBlobs } from './open-blobs.ts';
