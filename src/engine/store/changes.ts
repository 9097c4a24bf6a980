/**
 * How processes on one workspace tell each other that the store changed: SQLite notifies nobody, so each
 * writer leaves its mark in the file `.gen-image-factory/changed`, at most ten times a second, and the others
 * watch it.
 */
import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '../model/logger.ts';
import { storeFolder } from '../model/storeFolder.ts';
import { atMostEvery } from '../model/throttle.ts';
import { readSmallFile, writeInPlace } from '../files/smallFile.ts';
import type { Telling } from './store.ts';
import { messages } from './messages.ts';

export interface Changes {
  /** Says that this process wrote: its running work, or something else. */
  touch(by: 'run' | 'edit', others: Exclude<Telling, 'never'>): void;
  /** Looks now instead of waiting to be told; used by the slow poll while another process works. */
  check(): void;
  /** Leaves the last mark and stops watching. */
  close(): void;
}

export interface ChangesOptions {
  root: string;
  /** Unique to this process and opening. */
  id: string;
  /** False where nothing may be written: only watches. */
  writes: boolean;
  /** `run`: nothing changed but what the work of others writes. */
  onForeignChange: (by: 'run' | 'edit') => void;
  logger: Logger;
}

const interval = 100;
/** Marks of processes that are long gone are not carried on for ever. */
const marksKept = 8;
/** Bytes; room for all marks. */
const fileSize = 1024;
/** Who wrote, how often its mark was left, and how often it wrote something else than its running work. */
const markSchema = z.tuple([z.string(), z.number(), z.number()]);
type Mark = z.infer<typeof markSchema>;
const marksSchema = z.array(markSchema);

export function watchChanges(options: ChangesOptions): Changes {
  const path = join(options.root, storeFolder, 'changed');
  let own = 0;
  let edits = 0;
  let watcher: FSWatcher | null = null;
  let seen = '[]';
  let seenEdits = '[]';
  let closed = false;

  /** The newest mark of every process, or null when the file is just being written or not there. */
  const read = (): Mark[] | null => {
    try {
      return marksSchema.parse(JSON.parse(readSmallFile(path, 64 * 1024)));
    } catch {
      return null;
    }
  };
  const foreign = (marks: readonly Mark[]): Mark[] => marks.filter(([id]) => id !== options.id);
  const editsOf = (marks: readonly Mark[]): string =>
    JSON.stringify(foreign(marks).map(([id, , edited]) => [id, edited]));

  const check = (): void => {
    if (closed) return;
    const marks = read();
    if (marks === null) return;
    const now = JSON.stringify(foreign(marks));
    if (now === seen) return;
    seen = now;
    const edited = editsOf(marks);
    const by = edited === seenEdits ? 'run' : 'edit';
    seenEdits = edited;
    options.onForeignChange(by);
  };

  const write = (): void => {
    own += 1;
    // What another process marked in between must survive our write, or its change would go unseen.
    const others = foreign(read() ?? []);
    const marks = [...others.slice(-(marksKept - 1)), [options.id, own, edits]];
    try {
      writeMarks(path, marks);
    } catch (error) {
      options.logger.warn(messages.changesNotTold({ reason: String(error) }));
    }
  };

  const pace = atMostEvery(interval, write, { inTurn: true });

  const touch: Changes['touch'] = (by, others) => {
    if (by === 'edit') edits += 1;
    if (closed || !options.writes) return;
    if (others === 'atOnce') pace.flush();
    else pace.ask();
  };

  const marks = read();
  if (marks !== null) {
    seen = JSON.stringify(foreign(marks));
    seenEdits = editsOf(marks);
  }
  try {
    // Only what exists can be watched.
    if (marks === null && options.writes) writeMarks(path, []);
    watcher = watch(path, { persistent: false }, check);
    // A file that vanishes ends the watching; the poll goes on.
    watcher.on('error', () => watcher?.close());
  } catch {
    watcher = null;
  }

  return {
    touch,
    check,
    close() {
      if (closed) return;
      if (pace.waiting) pace.flush();
      closed = true;
      watcher?.close();
    },
  };
}

/** Over what was there, in one piece: a file that is emptied and filled again may wait for the disk. */
function writeMarks(path: string, marks: readonly unknown[]): void {
  writeInPlace(path, JSON.stringify(marks).padEnd(fileSize), { cut: false });
}
