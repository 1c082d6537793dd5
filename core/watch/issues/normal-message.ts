const longest = 400;

/** What differs from call to call, longest forms first. */
const changing: [RegExp, string][] = [
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>)\]]+/gi, '<url>'],
  [/[\w.+-]+@[\w-]+\.[\w.-]+/g, '<email>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?/g, '<time>'],
  [/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g, '<address>'],
  [/(?<=^|[\s"'(=])(?:[A-Za-z]:)?(?:[\\/][\w.@-]+){2,}/g, '<path>'],
  [/\b0x[0-9a-f]+\b/gi, '<id>'],
  // Ids of vendors have a word before: req_011CQ…, chatcmpl-9x….
  [/\b[a-z]{2,12}[_-](?=\w*\d)[A-Za-z0-9]{8,}\b/g, '<id>'],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, '<id>'],
  [/"[^"\n]{1,200}"|“[^”\n]{1,200}”|`[^`\n]{1,200}`|(?<=^|[\s(=:[{,])'[^'\n]{1,200}'/g, '<text>'],
  [/(?:(?<!\w)[-+])?\d+(?:[.,]\d+)*/g, '#'],
];

/** A message without what differs from call to call, so that two of the same fault are the same text. */
export function normalMessage(message: string): string {
  let text = message.slice(0, 4 * longest);
  for (const [pattern, name] of changing) text = text.replace(pattern, name);
  return text.replace(/\s+/g, ' ').trim().slice(0, longest);
}
