/** Of the platform, as in the reader of events. */
declare const TextDecoder: new (label: 'utf-8') => { decode(bytes: Uint8Array): string };

/** One for all: to make one costs more than to decode an answer. */
const decoder = new TextDecoder('utf-8');

export const utf8Text = (bytes: Uint8Array): string => decoder.decode(bytes);
