/**
 * Whose a store is. A folder can come from anywhere with a store in it, and what a store says is acted upon:
 * deletions are finished, jobs go on. So each store carries a mark that only this user on this computer can make; one
 * without it is from elsewhere, and is looked at as a copy until the user adopts it.
 *
 * The mark is made over the file itself (inode and time of birth), so that it stays when the folder is moved or renamed
 * and is lost when the file is copied. Marks stand in `owners.json` beside the store, one for each computer that uses it.
 * A log or journal that was not left by a process of this user makes the store one from elsewhere, too: its pages would
 * take the place of the store's own.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { chmodSync, lstatSync, renameSync, writeFileSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Identity } from './identity.ts';
import { readSmallFile } from '../files/smallFile.ts';

export type Origin =
  /** There is no store, and nothing that would become part of a new one. */
  | 'missing'
  | 'ours'
  /** Ours with a log that is not: a process that is just opening it may not have claimed its log yet. */
  | 'oursWithAnotherLog'
  | 'elsewhere';

const owners = z.object({
  store: z.uuid(),
  marks: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(100),
  /** Of the log and the journal that are in use. */
  logs: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(100),
});
type Owners = z.infer<typeof owners>;

export function isFromElsewhere(origin: Origin): boolean {
  return origin === 'elsewhere' || origin === 'oursWithAnotherLog';
}

/** What SQLite keeps beside a store and reads as part of it. */
const logEndings = ['-wal', '-journal'] as const;
const largestList = 64 * 1024;
const mostMarks = 32;

/** Reads only names, sizes and the list of marks; nothing of the store itself. */
export function originOf(path: string, { secret }: Identity): Origin {
  if (isLink(dirname(path))) return 'elsewhere';
  const store = statsOf(path);
  const logs = logEndings.map((end) => statsOf(path + end)).filter((stats) => stats !== null);
  const filled = logs.filter(({ size, isFile }) => size > 0n || !isFile);
  if (store === null) return filled.length === 0 ? 'missing' : 'elsewhere';
  const list = readOwners(path);
  if (!store.isFile || list === null) return 'elsewhere';
  const known = (marks: readonly string[], stats: FileFacts): boolean =>
    stats.isFile && marks.includes(markOf(secret, list.store, stats));
  if (!known(list.marks, store)) return 'elsewhere';
  return filled.every((log) => known(list.logs, log)) ? 'ours' : 'oursWithAnotherLog';
}

/**
 * Writes down that the store, and the log in use, are this user's. `file` is a store that is about to get the name
 * `path`: claimed before that, so that no process ever sees it without its mark. Best effort: without it the next
 * opening asks.
 */
export function claim(path: string, { secret }: Identity, file = path): void {
  const before = readOwners(path) ?? { store: randomUUID(), marks: [], logs: [] };
  const list: Owners = {
    store: before.store,
    marks: marked(before.marks, file, secret, before.store),
    logs: logEndings.reduce((all, end) => marked(all, path + end, secret, before.store), before.logs),
  };
  if (JSON.stringify(list) === JSON.stringify(before)) return;
  const owned = ownersFile(path);
  const aside = `${owned}.${randomUUID()}`;
  try {
    writeFileSync(aside, `${JSON.stringify(list)}\n`, { flag: 'wx', mode: 0o600 });
    renameSync(aside, owned);
  } catch {
    // A folder that can only be read: nothing of it will be changed either.
  }
}

/** With the mark of a file, where it is there: the newest last, the oldest given up. */
function marked(marks: readonly string[], file: string, secret: Buffer, store: string): string[] {
  const seen = statsOf(file);
  if (seen === null) return [...marks];
  const mark = markOf(secret, store, seen);
  if (marks.includes(mark)) return [...marks];
  return [...marks, markOf(secret, store, settled(file, seen))].slice(-mostMarks);
}

/** Steps of the clock by which file systems date their files are at most this long, in milliseconds. */
const clockStep = 10;

/**
 * A file that was made this instant looks as if it had no time of birth. It is changed, in its rights alone, until the
 * two can be told apart; where they never can, there is none.
 */
function settled(file: string, seen: FileFacts): FileFacts {
  let now = seen;
  for (let tries = 0; now.born === 0n && tries < 3; tries += 1) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, clockStep);
    try {
      chmodSync(file, 0o600);
    } catch {
      return now;
    }
    now = statsOf(file) ?? now;
  }
  return now;
}

function markOf(secret: Buffer, store: string, { inode, born }: FileFacts): string {
  return createHmac('sha256', secret).update(`${store}\n${inode}\n${born}`).digest('hex');
}

interface FileFacts {
  isFile: boolean;
  size: bigint;
  inode: bigint;
  /** Nanoseconds; 0 where the file system does not keep it. */
  born: bigint;
}

function statsOf(path: string): FileFacts | null {
  let stats: BigIntStats;
  try {
    stats = lstatSync(path, { bigint: true });
  } catch {
    return null;
  }
  // Where there is no time of birth, Node gives that of the last change, which every write moves.
  const born = stats.birthtimeNs === stats.ctimeNs ? 0n : stats.birthtimeNs;
  return { isFile: stats.isFile(), size: stats.size, inode: stats.ino, born };
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function ownersFile(path: string): string {
  return join(dirname(path), 'owners.json');
}

function readOwners(path: string): Owners | null {
  try {
    return owners.parse(JSON.parse(readSmallFile(ownersFile(path), largestList)));
  } catch {
    return null;
  }
}
