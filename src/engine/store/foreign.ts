/**
 * Stores that came from elsewhere (`ownership.ts`): looked at as a copy, and adopted when the user says so. What is in
 * them is read by a process of its own alone (`foreignWorker.ts`), which is ended when it takes too long: a thread in
 * the middle of a query cannot be.
 */
import { fork } from 'node:child_process';
import { lstatSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from 'better-sqlite3';
import { FactoryError } from '../model/errors.ts';
import { workerFile } from '../model/workerFile.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { Message } from '../model/message.ts';
import { configure, prepared } from './connection.ts';
import { alone } from './preparation.ts';
import type { Identity } from './identity.ts';
import { claim, isFromElsewhere, originOf } from './ownership.ts';
import type { OpenDatabase } from './sqlite.ts';
import type { ForeignStore } from './store.ts';
import { UnusableStore } from './storeErrors.ts';
import { messages } from './messages.ts';

export type ForeignRequest =
  { as: 'copy'; path: string; copy: string; largest: number } | { as: 'adopted'; path: string; now: number };

export type ForeignReply =
  'ready' | { holds: ForeignStore } | { problem: Message } | { error: { code: ErrorCode; told: Message } };

export interface ForeignCopy {
  database: Database;
  /** Absolute path of the copy. */
  file: string;
  holds: ForeignStore;
  /** Removes the copy. */
  dispose: () => void;
}

/** A larger one is no history of images. */
const largestStore = 4 * 1024 * 1024 * 1024;
/** A store of ordinary size is looked at in a tenth of a second; so many bytes more take a second more. */
const mostSeconds = 5;
const bytesPerSecond = 25 * 1024 * 1024;
/** The process starts within this time even on a busy machine; not counted as looking. */
const mostStartSeconds = 60;

/**
 * Opens a copy of the store and its log, in a folder of its own: nothing of the original is changed, and what it holds
 * can only be rows. Fails with `UnusableStore` when it is no whole store of this program, and with `store.newer`.
 */
export async function openForeignCopy(path: string, open: OpenDatabase): Promise<ForeignCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'gen-image-factory-'));
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const file = join(folder, 'factory.db');
    const holds = await ask({ as: 'copy', path, copy: file, largest: largestStore });
    const database = prepared(open(file, { readonly: true, fileMustExist: true, timeout: 1000 }), (copy) => {
      configure(copy);
      copy.pragma('query_only = ON');
    });
    return { database, file, holds, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/**
 * Makes the store this user's: deletions that are under way are given up (their files stay where
 * they are), all runs wait to be let go on, and nobody works in it. Fails like `openForeignCopy`.
 */
export async function adopt(path: string, open: OpenDatabase, self: Identity, now: Date): Promise<void> {
  await alone(dirname(path), open, async () => {
    // Another window may have been asked the same: what it works on must not be taken from it.
    if (!isFromElsewhere(originOf(path, self))) return;
    await ask({ as: 'adopted', path, now: now.getTime() });
    claim(path, self);
  });
}

/** What the process needs of the environment: no key is within reach of what reads a stranger's file. */
const passedVariables = /^(?:PATH|SystemRoot|windir|TEMP|TMP|TMPDIR|LD_LIBRARY_PATH)$/iu;

function ask(request: ForeignRequest): Promise<ForeignStore> {
  const seconds = mostSeconds + sizeOf(request.path) / bytesPerSecond;
  const passed = Object.entries(process.env).filter(([name]) => passedVariables.test(name));
  const child = fork(fileURLToPath(workerFile(import.meta.url, './foreignWorker.ts')), [], {
    serialization: 'advanced',
    execArgv: ['--max-old-space-size=256'],
    env: { ...Object.fromEntries(passed), ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return new Promise<ForeignStore>((resolve, reject) => {
    const unusable = (problem: Message) => (): void => reject(new UnusableStore(problem));
    const within = (time: number, problem: Message): NodeJS.Timeout =>
      setTimeout(unusable(problem), time * 1000);
    let timer = within(mostStartSeconds, messages.notLookedAt());
    child.on('message', (reply: ForeignReply) => {
      clearTimeout(timer);
      if (reply === 'ready') {
        timer = within(seconds, messages.notLookedThrough());
        child.send(request);
      } else if ('holds' in reply) resolve(reply.holds);
      else if ('problem' in reply) reject(new UnusableStore(reply.problem));
      else reject(new FactoryError(reply.error.code, reply.error.told));
    });
    child.once('exit', unusable(messages.takesMemory()));
    child.once('error', reject);
    child.once('exit', () => clearTimeout(timer));
  }).finally(() => child.kill('SIGKILL'));
}

/** Of the store with its log. Fails with `UnusableStore` for what is not regular files of a size that can be read. */
function sizeOf(path: string): number {
  const folder = dirname(path);
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    throw new UnusableStore(messages.isLink({ folder: basename(folder) }));
  }
  return ['', '-wal', '-journal'].reduce((sum, end) => {
    const stats = lstatSync(path + end, { throwIfNoEntry: false });
    if (stats === undefined && end !== '') return sum;
    const file = basename(path + end);
    if (stats?.isFile() !== true) throw new UnusableStore(messages.notRegular({ file }));
    if (stats.size > largestStore) throw new UnusableStore(messages.largerThanAllowed({ file }));
    return sum + stats.size;
  }, 0);
}
