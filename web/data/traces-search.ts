/** What the address of the list of traces says. */
export type TracesSearch = {
  /** In the filter language. */
  q?: string | undefined;
  group?: 'session' | 'user' | undefined;
  /** The trace that is looked at beside the list. */
  peek?: string | undefined;
  facets?: 'off' | undefined;
  /** The form that scores what the filter lets through. */
  open?: 'score' | undefined;
};
