/** A version of a dataset: its number, or its name. */
export const datasetVersion = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text);
