import { gunzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';

/** The rows of a Parquet file; integers are bigint, times Date. */
export const readParquet = (file: ArrayBuffer): Promise<Record<string, unknown>[]> =>
  parquetReadObjects({ file, compressors: { GZIP: (input) => gunzipSync(input) } });
