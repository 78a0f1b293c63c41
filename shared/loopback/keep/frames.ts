/**
 * The journal's file: frames one after the other, each the changes of one write. A frame is its length (4 bytes), a digest of that
 * length (4), a digest of its content (8), and the content. A process that is killed leaves at most a beginning of its last frame.
 */
import { createHash } from 'node:crypto';

const HEADER_BYTES = 16;

const digestOf = (bytes: Uint8Array, length: number): Buffer =>
  createHash('sha256').update(bytes).digest().subarray(0, length);

export function frameOf(content: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + content.length);
  frame.writeUInt32BE(content.length, 0);
  digestOf(frame.subarray(0, 4), 4).copy(frame, 4);
  digestOf(content, 8).copy(frame, 8);
  frame.set(content, HEADER_BYTES);
  return frame;
}

/** A frame that was written whole does not read as it was written: nothing after it can be trusted, and nothing is cut. */
export class DamagedJournalError extends Error {
  override readonly name = 'DamagedJournalError';
}

/**
 * Contents of all whole frames, and where the last of them ends: what follows is a torn tail.
 * @throws {DamagedJournalError} when a frame is wrong that the end of the file does not explain
 */
export function readFrames(file: Buffer): { readonly contents: readonly Buffer[]; readonly end: number } {
  const contents: Buffer[] = [];
  let at = 0;
  while (file.length - at >= HEADER_BYTES) {
    const header = file.subarray(at, at + HEADER_BYTES);
    if (!digestOf(header.subarray(0, 4), 4).equals(header.subarray(4, 8))) {
      // A machine that lost its power may leave a tail of zeros; anything else is no end.
      if (file.subarray(at).every((byte) => byte === 0)) break;
      throw damaged(at);
    }
    const end = at + HEADER_BYTES + header.readUInt32BE(0);
    if (end > file.length) break;
    const content = file.subarray(at + HEADER_BYTES, end);
    if (!digestOf(content, 8).equals(header.subarray(8))) throw damaged(at);
    contents.push(content);
    at = end;
  }
  return { contents, end: at };
}

const damaged = (at: number): DamagedJournalError =>
  new DamagedJournalError(
    `the journal is damaged at byte ${at}: restore it from a copy, or cut it there by hand`,
  );
