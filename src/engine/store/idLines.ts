/**
 * Very many ids between threads. As an array they would be copied one by one in a single turn of the thread that
 * receives them (100,000: 10-15 ms); as bytes they change hands at once and are read in turns.
 */
import { nextTurn } from '../model/turns.ts';

/** Bytes of one turn: some 7,000 ids, about a millisecond. */
const turnBytes = 256 * 1024;
const lineEnd = 10;

/** Ids hold no line ends. */
export function packIds(ids: readonly string[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(ids.join('\n'));
}

export async function unpackIds(bytes: Uint8Array): Promise<string[]> {
  const decoder = new TextDecoder();
  const ids: string[] = [];
  for (let start = 0; start < bytes.length;) {
    if (start > 0) await nextTurn();
    const found = bytes.indexOf(lineEnd, Math.min(start + turnBytes, bytes.length));
    const end = found === -1 ? bytes.length : found;
    for (const id of decoder.decode(bytes.subarray(start, end)).split('\n')) ids.push(id);
    start = end + 1;
  }
  return ids;
}
