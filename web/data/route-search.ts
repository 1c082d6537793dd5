/** Reading of search parameters, which are plain text. */

export type RawSearch = Record<string, unknown>;

export const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

export const oneOf = <Value extends string>(values: readonly Value[], value: unknown): Value | undefined =>
  values.find((one) => one === value);

export const positive = (value: unknown) =>
  Number.isInteger(Number(value)) && Number(value) > 0 ? Number(value) : undefined;

/** Only what is set, so that a link says no more than it must. */
export function given<Search extends object>(
  search: Search,
): { [Key in keyof Search]?: Exclude<Search[Key], undefined> } {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Search]?: Exclude<Search[Key], undefined>;
  };
}

/** The same with another value there, or with none. */
export function withValue<Search extends object, Key extends keyof Search>(
  search: Search,
  key: Key,
  value: Search[Key] | undefined,
): Search {
  const { [key]: _, ...rest } = search;
  return (value === undefined ? rest : { ...rest, [key]: value }) as Search;
}
