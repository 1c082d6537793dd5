/** Work that waits in the record stores until its time has come. */
export type DueKind = 'abuse' | 'drafts' | 'issues' | 'messages' | 'monitors' | 'online' | 'pipelines';

/** What servers ask again and again, all of it in one question: most of the time the answer is nothing. */
export type DueWork = {
  /** Of what something is due at that time and held by nobody, so that a claim would be given it. */
  due(nowMs: number): Promise<DueKind[]>;
};
