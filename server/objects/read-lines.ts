const newline = 10;

/** Lines of UTF-8 without their ends, empty ones included but for one at the end. */
export async function* readLines(content: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let held: Buffer = Buffer.alloc(0);
  const text = (line: Buffer) => line.toString('utf8').replace(/\r$/, '');
  for await (const chunk of content) {
    held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
    let start = 0;
    for (let end = held.indexOf(newline); end !== -1; end = held.indexOf(newline, start)) {
      yield text(held.subarray(start, end));
      start = end + 1;
    }
    held = held.subarray(start);
  }
  if (held.length > 0) yield text(held);
}
