/** Generations: which keyword row each uses, and the prompt that its variations share. */
import { findJob } from './jobs.ts';
import { selectGenerations, toGeneration } from './rows/slot.ts';
import type { Generation } from './rows/slot.ts';
import type { Reader, Writer } from './store.ts';

/** Plans the generations of a job and `variations` slots for each. */
export function insertGenerations(
  db: Writer,
  jobId: string,
  generations: readonly Generation[],
  variations: number,
): void {
  const seq = findJob(db, jobId);
  const generation = db.sql(
    `INSERT INTO generations (job_seq, generation, keyword_row, keyword, row_key, prompt) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const slot = db.sql(
    `INSERT INTO slots (job_seq, generation, variation, state) VALUES (?, ?, ?, 'planned')`,
  );
  for (const one of generations) {
    generation.run(seq, one.generation, one.keywordRow, JSON.stringify(one.keyword), one.rowKey, one.prompt);
    for (let variation = 0; variation < variations; variation += 1) slot.run(seq, one.generation, variation);
  }
}

/** Takes back what a start that was cut short has planned. */
export function clearGenerations(db: Writer, jobId: string): void {
  const seq = findJob(db, jobId);
  db.sql('DELETE FROM slots WHERE job_seq = ?').run(seq);
  db.sql('DELETE FROM generations WHERE job_seq = ?').run(seq);
}

/** In their order, without damaged ones: nothing can be made of them. */
export function listGenerations(db: Reader, jobId: string): Generation[] {
  return db
    .sql<object>(`${selectGenerations} WHERE g.job_seq = ? ORDER BY g.generation`)
    .all(findJob(db, jobId))
    .flatMap((row) => toGeneration(row) ?? []);
}

export function setPrompt(db: Writer, jobId: string, generation: number, prompt: string): void {
  db.sql('UPDATE generations SET prompt = ? WHERE job_seq = ? AND generation = ?').run(
    prompt,
    findJob(db, jobId),
    generation,
  );
}

/** Those of the given row keys that have an approved image already ("Only rows not done yet"). */
export function doneRowKeys(db: Reader, rowKeys: readonly string[]): Set<string> {
  const rows = db
    .sql<{ row_key: string }>(
      `SELECT DISTINCT g.row_key FROM json_each(?) AS wanted
       CROSS JOIN generations AS g INDEXED BY generations_by_row_key ON g.row_key = wanted.value
       CROSS JOIN images AS i INDEXED BY images_by_slot
         ON i.job_seq = g.job_seq AND i.generation = g.generation AND i.status = 'approved'`,
    )
    .all(JSON.stringify(rowKeys));
  return new Set(rows.map((row) => row.row_key));
}
