/**
 * What crosses between this process and those of the pixels. Long byte strings travel as files: a pipe would copy them
 * several times on the thread that all extensions share.
 */
import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FactoryError } from '../model/errors.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { Message } from '../model/message.ts';
import type { Stage } from '../model/status.ts';
import type { PixelBounds } from './pixelBounds.ts';

export interface PixelRequest {
  name: string;
  input: unknown;
  bounds: PixelBounds;
}

/** `full`: it holds more memory than the work may take, and ends itself. `spent`: it holds so much memory that the next work gets a fresh process. */
export type PixelReply =
  | { kind: 'ready'; folder: string }
  | { kind: 'full' }
  | { kind: 'done'; output: unknown; spent: boolean }
  | { kind: 'failed'; error: SentError; spent: boolean };

export interface SentError {
  code: ErrorCode;
  told: Message;
  stage?: Stage;
}

export function sentError({ code, told, stage }: FactoryError): SentError {
  return { code, told, ...(stage && { stage }) };
}

export function receivedError({ code, told, stage }: SentError): FactoryError {
  return new FactoryError(code, told, stage && { stage });
}

/** Longer byte strings are files. */
const mostInline = 64 * 1024;

interface SentFile {
  /** Its name in the folder that both know. */
  sentFile: string;
}

/** The same value, its long byte strings written into the folder. */
export async function sent(value: unknown, folder: string): Promise<unknown> {
  if (value instanceof Uint8Array) {
    if (value.length <= mostInline) return value;
    const sentFile = randomUUID();
    await writeFile(join(folder, sentFile), value, { flag: 'wx', mode: 0o600 });
    return { sentFile } satisfies SentFile;
  }
  return mapEntries(value, (entry) => sent(entry, folder));
}

/** The value that was sent; the files that it came in are gone afterwards. */
export async function received(value: unknown, folder: string): Promise<unknown> {
  if (value instanceof Uint8Array) return value;
  if (isSentFile(value)) {
    // Whoever sent it has read what a stranger made: it names files of this folder alone.
    const file = join(folder, basename(value.sentFile));
    const bytes = await readFile(file);
    await rm(file);
    return bytes;
  }
  return mapEntries(value, (entry) => received(entry, folder));
}

function isSentFile(value: unknown): value is SentFile {
  return typeof value === 'object' && value !== null && 'sentFile' in value;
}

async function mapEntries(value: unknown, change: (entry: unknown) => Promise<unknown>): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(change));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(async ([name, entry]) => [name, await change(entry)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
