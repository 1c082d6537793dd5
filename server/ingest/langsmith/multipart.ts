import { WheelhouseError } from '@wheelhouse/core/records';

export type Part = {
  name: string;
  /** As it came, with its parameters. */
  contentType: string;
  /** A view into the body. */
  content: Buffer;
};

/** A request with more is no honest one. */
const maxParts = 100_000;
const maxHeadBytes = 16 * 1024;

const malformed = (reason: string) =>
  new WheelhouseError('invalid_request', `The multipart body cannot be read: ${reason}.`, {
    hint: 'Send multipart/form-data with a boundary, as the LangSmith SDK does.',
  });

function headerOf(head: string, name: string): string {
  const line = head.split('\r\n').find((text) => text.toLowerCase().startsWith(`${name}:`));
  return line === undefined ? '' : line.slice(name.length + 1).trim();
}

function partOf(bytes: Buffer): Part {
  const end = bytes.subarray(0, maxHeadBytes).indexOf('\r\n\r\n');
  if (end === -1) throw malformed('a part has no end of its headers');
  const head = bytes.toString('utf8', 0, end);
  const name = /\bname="([^"]*)"/i.exec(headerOf(head, 'content-disposition'))?.[1];
  if (name === undefined) throw malformed('a part has no name');
  return { name, contentType: headerOf(head, 'content-type'), content: bytes.subarray(end + 4) };
}

/**
 * The parts of a `multipart/form-data` body (RFC 7578), without copying them.
 * @throws WheelhouseError `invalid_request`, `unsupported_media_type`
 */
export function readMultipart(body: Buffer, contentType: string): Part[] {
  if (!/^multipart\/form-data\b/i.test(contentType))
    throw new WheelhouseError('unsupported_media_type', 'This path takes multipart/form-data.', {
      hint: 'Send JSON to /runs/batch instead.',
    });
  const [, quoted, plain] = /\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined || boundary.length > 200) throw malformed('its Content-Type names no boundary');
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const first = Buffer.from(`--${boundary}`);
  if (!body.subarray(0, first.length).equals(first)) throw malformed('it does not begin with its boundary');
  const parts: Part[] = [];
  for (let at = first.length; ; ) {
    const closing = body.toString('latin1', at, at + 2);
    if (closing === '--') return parts;
    if (closing !== '\r\n') throw malformed('a boundary is not followed by a new line');
    const end = body.indexOf(delimiter, at + 2);
    if (end === -1) throw malformed('its last boundary is missing');
    parts.push(partOf(body.subarray(at + 2, end)));
    if (parts.length > maxParts) throw malformed(`it has more than ${maxParts} parts`);
    at = end + delimiter.length;
  }
}
