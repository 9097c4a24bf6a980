/** A store that opens as if it were sound, although it is not: only the full check after an unclean end finds it. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { identity } from '../../../src/engine/store/identity.ts';
import { claim } from '../../../src/engine/store/ownership.ts';

/** Closes the connection that keeps the log from being written back: as a killed process would have left it. */
export interface Damage {
  close(): void;
}

/** One index lacks a row of its table. */
export function damageUnseen(root: string): Damage {
  const path = join(root, '.gen-image-factory', 'factory.db');
  const open = (): Database.Database => {
    const database = new Database(path);
    database.unsafeMode();
    database.pragma('journal_mode = WAL');
    database.pragma('writable_schema = ON');
    database.pragma('foreign_keys = OFF');
    return database;
  };
  const hidden = open();
  const index = hidden.prepare(`SELECT * FROM sqlite_schema WHERE name = 'run_images_by_image'`).get();
  hidden.exec(`DELETE FROM sqlite_schema WHERE name = 'run_images_by_image'`);
  hidden.close();
  const damaged = open();
  damaged.exec(`INSERT INTO run_images (run_id, image_seq) VALUES ('no run', 1)`);
  damaged
    .prepare(
      `INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES (@type, @name, @tbl_name, @rootpage, @sql)`,
    )
    .run(index);
  // As a process of this user: what others leave is only looked at.
  claim(path, identity());
  return { close: () => damaged.close() };
}
