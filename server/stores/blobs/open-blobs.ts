import { join } from 'node:path';
import type { BlobStore } from '@wheelhouse/core/ports';
import { openDiskBlobs } from './disk-blobs.ts';
import { openS3Blobs, type S3Options } from './s3-blobs.ts';

/** Blobs on the disk of the data directory, or in a bucket, which replicas share. */
export const openBlobs = async (options: { dir: string; bucket: S3Options | null }): Promise<BlobStore> =>
  options.bucket === null ? openDiskBlobs(join(options.dir, 'blobs')) : openS3Blobs(options.bucket);
