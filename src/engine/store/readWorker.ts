/**
 * Runs in a worker thread: answers slow reads and checks the file on a connection of its own that only reads, and
 * writes the log back into the file.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { toFactoryError } from '../model/errors.ts';
import { configure, createConnection, prepared } from './connection.ts';
import type { Connection } from './connection.ts';
import { packIds } from './idLines.ts';
import { answer } from './slowReads.ts';
import { loadSqlite } from './sqlite.ts';
import { isDamage, storeError } from './storeErrors.ts';
import type { WorkerQuestion, Reply, Request } from './workerClient.ts';
import { messages } from './messages.ts';
import { inWords } from '../model/message.ts';

/** After so long without a question the connection is closed: its memory and its file are given back. */
const idleMs = 10_000;

const { path } = z.object({ path: z.string() }).parse(workerData);
const open = await loadSqlite();

let kept: Connection | null = null;
let idle: NodeJS.Timeout | undefined;

/** Stays open from question to question, with its prepared statements, its pages and the last search. */
function connection(): Connection {
  kept ??= createConnection(openToRead());
  return kept;
}

function closeKept(): void {
  kept?.database.close();
  kept = null;
}

function openToRead(): Database {
  return prepared(open(path, { readonly: true, fileMustExist: true, timeout: 5000 }), configure);
}

/** The full check of the file; empty when it is sound. */
function check(): string[] {
  try {
    const database = openToRead();
    try {
      const rows = database
        .prepare<unknown[], { integrity_check: string }>('PRAGMA integrity_check(20)')
        .all();
      const problems = rows.map((row) => row.integrity_check).filter((text) => text !== 'ok');
      const strays = database.prepare<unknown[], { table: string }>('PRAGMA foreign_key_check').all();
      return [...problems, ...strays.slice(0, 20).map(({ table }) => inWords(messages.strayRow({ table })))];
    } finally {
      database.close();
    }
  } catch (error) {
    if (isDamage(error)) return [(error as Error).message];
    throw error;
  }
}

/** As far as no reader needs the old pages; whoever writes goes on meanwhile. */
function writeBack(): null {
  const database = open(path, { fileMustExist: true, timeout: 100 });
  try {
    configure(database);
    database.pragma('wal_checkpoint(PASSIVE)');
    return null;
  } finally {
    database.close();
  }
}

function answerTo({ name, given }: WorkerQuestion): unknown {
  if (name === 'check') return check();
  if (name === 'writeBack') return writeBack();
  if (name === 'warm') return connection().snapshot(() => null);
  const found = connection().snapshot((db) => answer(db, name, given as never));
  return name === 'imageIds' || name === 'jobIds' ? packIds(found as string[]) : found;
}

const port = parentPort;
port?.on('message', ({ number, question }: Request) => {
  clearTimeout(idle);
  let reply: Reply;
  try {
    reply = { number, answer: answerTo(question), error: null };
  } catch (error) {
    // What is wrong with a connection need not be wrong with the next.
    closeKept();
    const { code, told } = toFactoryError(storeError(error, path));
    reply = { number, answer: null, error: { code, told } };
  }
  port.postMessage(reply, reply.answer instanceof Uint8Array ? [reply.answer.buffer as ArrayBuffer] : []);
  idle = setTimeout(closeKept, idleMs);
});
