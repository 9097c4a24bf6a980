/** Which image a file of the workspace belongs to. */
import { bySuffix } from './ids.ts';
import { idInSql } from './rows/ids.ts';
import type { Reader } from './store.ts';

/** `<label>_<job, last six>_<generation>-<variation>.<ext>`, numbers 1-based; a taken name gets `-2`. */
const deliveredName = /_([0-9a-f]{6})_(\d+)-(\d+)(?:-\d+)?\.[a-z]+$/;

/** The id of the image whose delivered or original file is stored under this path, or null. */
export function findImageAt(db: Reader, storedPath: string): string | null {
  const [, short, generation, variation] = deliveredName.exec(storedPath) ?? [];
  if (short !== undefined) {
    for (const job of bySuffix(db, 'jobs', short, 10)) {
      const row = db
        .sql<{ id: string }>(
          `SELECT ${idInSql('images')} AS id FROM images INDEXED BY images_by_slot
           WHERE job_seq = ? AND generation = ? AND variation = ? AND (path = ? OR original_path = ?)`,
        )
        .get(job.seq, Number(generation) - 1, Number(variation) - 1, storedPath, storedPath);
      if (row !== undefined) return row.id;
    }
  }
  // Renamed jobs keep their short id in file names; only originals and files of another make come here.
  const row = db
    .sql<{ id: string }>(
      `SELECT ${idInSql('images')} AS id FROM images WHERE path = ? OR original_path = ? LIMIT 1`,
    )
    .get(storedPath, storedPath);
  return row?.id ?? null;
}
