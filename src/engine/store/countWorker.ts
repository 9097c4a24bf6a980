/** Runs in a worker thread: counts and checks on a connection of its own that only reads. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { toFactoryError } from '../model/errors.ts';
import { configure, connect } from './connection.ts';
import { countImages } from './imageList.ts';
import { loadSqlite } from './sqlite.ts';
import { isDamage, storeError } from './storeErrors.ts';
import type { Asked, Question } from './workerDoor.ts';

const { path } = z.object({ path: z.string() }).parse(workerData);
const open = await loadSqlite();

function withStore<T>(fn: (database: Database) => T): T {
  // Opened anew for each question: a connection that stays would keep the log from being written back.
  const database = open(path, { readonly: true, fileMustExist: true, timeout: 5000 });
  try {
    configure(database);
    return fn(database);
  } finally {
    database.close();
  }
}

function answer(question: Question): unknown {
  if (question.kind === 'counts') {
    return withStore((database) => connect(database).snapshot((db) => countImages(db, question.filter)));
  }
  try {
    return withStore((database) => {
      const rows = database
        .prepare<unknown[], { integrity_check: string }>('PRAGMA integrity_check(20)')
        .all();
      const problems = rows.map((row) => row.integrity_check).filter((text) => text !== 'ok');
      const strays = database.prepare<unknown[], { table: string }>('PRAGMA foreign_key_check').all();
      return [...problems, ...strays.slice(0, 20).map(({ table }) => `a row of ${table} belongs to nothing`)];
    });
  } catch (error) {
    if (isDamage(error)) return [(error as Error).message];
    throw error;
  }
}

const port = parentPort;
port?.on('message', ({ number, question }: Asked) => {
  try {
    port.postMessage({ number, answer: answer(question), error: null });
  } catch (error) {
    const { code, message } = toFactoryError(storeError(error, path));
    port.postMessage({ number, answer: null, error: { code, message } });
  }
});
