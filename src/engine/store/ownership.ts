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
import { lstatSync, renameSync, writeFileSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Identity } from './identity.ts';
import { readSmallFile } from './smallFile.ts';

export type Origin =
  /** There is no store, and nothing that would become part of a new one. */
  'missing' | 'ours' | 'elsewhere';

const owners = z.object({
  store: z.uuid(),
  marks: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(100),
  /** Of the log and the journal that are in use. */
  logs: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(100),
});
type Owners = z.infer<typeof owners>;

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
  return filled.every((log) => known(list.logs, log)) ? 'ours' : 'elsewhere';
}

/** Writes down that the store, and the log in use, are this user's. Best effort: without it the next opening asks. */
export function claim(path: string, { secret }: Identity): void {
  const store = statsOf(path);
  if (store === null) return;
  const before = readOwners(path) ?? { store: randomUUID(), marks: [], logs: [] };
  const logs = logEndings.map((end) => statsOf(path + end)).filter((stats) => stats !== null);
  const list: Owners = {
    store: before.store,
    marks: withMark(before.marks, markOf(secret, before.store, store)),
    logs: logs.reduce((all, log) => withMark(all, markOf(secret, before.store, log)), before.logs),
  };
  if (JSON.stringify(list) === JSON.stringify(before)) return;
  const file = ownersFile(path);
  const aside = `${file}.${randomUUID()}`;
  try {
    writeFileSync(aside, `${JSON.stringify(list)}\n`, { flag: 'wx', mode: 0o600 });
    renameSync(aside, file);
  } catch {
    // A folder that can only be read: nothing of it will be changed either.
  }
}

/** The newest mark last, the oldest given up. */
function withMark(marks: readonly string[], mark: string): string[] {
  return marks.includes(mark) ? [...marks] : [...marks, mark].slice(-mostMarks);
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
