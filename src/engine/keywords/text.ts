/** Bytes to text: UTF-8 and nothing else, so that no prompt is made of misread letters. */
import { Buffer } from 'node:buffer';
import type { Problem } from '../model/errors.ts';
import type { Message } from '../model/message.ts';
import { messages } from './messages.ts';

/** Bytes that a keyword file may have; more than any list of keywords for a job of 10,000 images. */
export const maxKeywordBytes = 32 * 1024 * 1024;
/** Bytes that a prompt file may have; far more than a model reads. */
export const maxPromptBytes = 1024 * 1024;

export function fileProblem(
  file: string,
  at: { line: number; column: number } | null,
  told: Message,
  allowed: Message | null = null,
): Problem {
  return { key: null, file, line: at?.line ?? null, column: at?.column ?? null, told, allowed };
}

const otherEncodings: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['UTF-32', [0xff, 0xfe, 0x00, 0x00]],
  ['UTF-32', [0x00, 0x00, 0xfe, 0xff]],
  ['UTF-16', [0xff, 0xfe]],
  ['UTF-16', [0xfe, 0xff]],
];

/** The text without its byte order mark and with every line end as LF; or the problem, with the byte offset (0-based). */
export function decodeText(
  bytes: Uint8Array,
  path: string,
  maxBytes: number,
): { text: string } | { problem: Problem } {
  const refuse = (at: { line: number; column: number } | null, told: Message): { problem: Problem } => ({
    problem: fileProblem(path, at, told, messages.utf8()),
  });
  if (bytes.length > maxBytes) {
    const size = (bytes.length / 1024 / 1024).toFixed(1);
    return refuse(null, messages.tooLarge({ path, size, most: maxBytes / 1024 / 1024 }));
  }
  const other = otherEncodings.find(([, mark]) => mark.every((byte, i) => bytes[i] === byte));
  if (other !== undefined) {
    return refuse({ line: 1, column: 1 }, messages.otherEncoding({ path, encoding: other[0] }));
  }
  const raw = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const bad = firstBadByte(raw, bytes);
  if (bad !== null) {
    const value = bytes[bad.offset] ?? 0;
    const hex = value.toString(16).toUpperCase().padStart(2, '0');
    const { offset } = bad;
    return refuse(
      bad,
      value === 0 ? messages.zeroByte({ path, offset }) : messages.notUtf8({ path, hex, offset }),
    );
  }
  return { text: normalized(raw) };
}

/** Without byte order mark, line ends as LF: how files and open documents are compared and counted. */
export function normalized(text: string): string {
  return (text.startsWith('\uFEFF') ? text.slice(1) : text).replaceAll(/\r\n?/gu, '\n');
}

/** The first byte that is no UTF-8 text, from where the decoder put a replacement character that the file does not hold. */
function firstBadByte(
  text: string,
  bytes: Uint8Array,
): { offset: number; line: number; column: number } | null {
  const suspect = /[\uFFFD\0]/gu;
  let seen = 0;
  let offset = 0;
  for (let match = suspect.exec(text); match !== null; match = suspect.exec(text)) {
    offset += Buffer.byteLength(text.slice(seen, match.index));
    seen = match.index;
    const isReal = bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd;
    if (!isReal) return { offset, ...positionIn(text, match.index) };
  }
  return null;
}

/** Line and column (1-based, in UTF-16 units) of an offset in a text. */
export function positionIn(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}
