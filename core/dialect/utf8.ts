/** Of the platform, as in the reader of events. */
declare const TextDecoder: new (label: 'utf-8') => { decode(bytes: Uint8Array): string };

export const utf8Text = (bytes: Uint8Array): string => new TextDecoder('utf-8').decode(bytes);
