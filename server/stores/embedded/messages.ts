/** What the parent tells the child over IPC, so that neither password nor paths stand on a command line. */
export type ToChild =
  | {
      type: 'start';
      dataDir: string;
      /** Of the dumped Postgres data directory, gzipped tar. */
      template: string;
      socketDir: string;
      /** 0 takes a free one; after a restart the one from before. */
      port: number;
      password: string;
    }
  | { type: 'stop' };

export type FromChild = { type: 'ready'; port: number } | { type: 'failed'; message: string };
