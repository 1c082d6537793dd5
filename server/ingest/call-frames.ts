import { deserialize, serialize } from 'node:v8';
import type { Recording } from '@wheelhouse/core/ports';
import type { PriceRow, ProjectId } from '@wheelhouse/core/records';

/** What the process that records is told, in the order in which it was said; calls come between. */
export type ToRecording<Price = unknown> =
  | { type: 'start'; clickhouseUrl: string; dir: string; builtIn: PriceRow[]; prices: [ProjectId, Price[]][] }
  | { type: 'prices'; prices: [ProjectId, Price[]][] }
  /** Every call of the chunk with this number has come. */
  | { type: 'chunk'; chunk: number }
  /** Whether a write that was asked for may be done. */
  | { type: 'go'; write: number; refused: string | null }
  | { type: 'forget'; request: number; project: ProjectId; hashes: readonly string[] }
  | { type: 'stop' };

export type FrameListener = { call(recording: Recording): void; told(message: ToRecording): void };

/**
 * A frame is the length of what follows, 32 bits little-endian, a byte for its kind, and: of a call the lengths in bytes
 * of its project, its facts and its request, then these and its answer; of a message V8's serialization.
 */
const headBytes = 5;
const callHeadBytes = headBytes + 12;
const callKind = 1;
const messageKind = 2;
/** Longer texts are measured, shorter ones are taken to need what they need at the most. */
const measured = 16 * 1024;

const mostBytes = (text: string): number => (text.length > measured ? Buffer.byteLength(text) : 3 * text.length);

/** The most that a call takes as a frame. */
export const callBytes = ({ project, facts, request, answer }: Recording): number =>
  callHeadBytes + mostBytes(project) + mostBytes(facts) + mostBytes(request) + answer.byteLength;

/** @returns where the frame ends */
export function writeCall(to: Buffer, at: number, { project, facts, request, answer }: Recording): number {
  const projectAt = at + callHeadBytes;
  const projectBytes = to.write(project, projectAt, 'utf8');
  const start = projectAt + projectBytes;
  const factsBytes = to.write(facts, start, 'utf8');
  const requestBytes = to.write(request, start + factsBytes, 'utf8');
  const answerAt = start + factsBytes + requestBytes;
  to.set(answer, answerAt);
  const end = answerAt + answer.byteLength;
  to.writeUInt32LE(end - at - 4, at);
  to[at + 4] = callKind;
  to.writeUInt32LE(projectBytes, at + headBytes);
  to.writeUInt32LE(factsBytes, at + headBytes + 4);
  to.writeUInt32LE(requestBytes, at + headBytes + 8);
  return end;
}

export function messageFrame(message: ToRecording): Buffer {
  const payload = serialize(message);
  const frame = Buffer.allocUnsafe(headBytes + payload.length);
  frame.writeUInt32LE(1 + payload.length, 0);
  frame[4] = messageKind;
  payload.copy(frame, headBytes);
  return frame;
}

/** @param frame with its head */
function readCall(frame: Buffer): Recording {
  const projectEnd = callHeadBytes + frame.readUInt32LE(headBytes);
  const factsEnd = projectEnd + frame.readUInt32LE(headBytes + 4);
  const requestEnd = factsEnd + frame.readUInt32LE(headBytes + 8);
  return {
    project: frame.toString('utf8', callHeadBytes, projectEnd) as ProjectId,
    facts: frame.toString('utf8', projectEnd, factsEnd),
    request: frame.toString('utf8', factsEnd, requestEnd),
    answer: frame.subarray(requestEnd),
  };
}

function readFrame(frame: Buffer, listener: FrameListener): void {
  if (frame[4] === callKind) listener.call(readCall(frame));
  else listener.told(deserialize(frame.subarray(headBytes)) as ToRecording);
}

/** Takes bytes that come cut anywhere and tells whole frames. */
export function createFrameReader(listener: FrameListener): (bytes: Buffer) => void {
  let pieces: Buffer[] = [];
  let size = 0;
  /** Until so much is there nothing can be read. */
  let wanted = 4;
  return (bytes) => {
    pieces.push(bytes);
    size += bytes.length;
    if (size < wanted) return;
    const all = pieces.length === 1 ? bytes : Buffer.concat(pieces);
    let at = 0;
    for (wanted = 4; at + wanted <= all.length; wanted = 4) {
      wanted = 4 + all.readUInt32LE(at);
      if (at + wanted > all.length) break;
      readFrame(all.subarray(at, at + wanted), listener);
      at += wanted;
    }
    pieces = at === all.length ? [] : [all.subarray(at)];
    size = all.length - at;
  };
}
