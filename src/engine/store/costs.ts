/** What an image cost: its own calls, its part of the generation, its share of the shared prompt. */
import { costInSql } from './rows/call.ts';
import type { Reader, Writer } from './store.ts';

const settled = `state IN ('answered', 'failed', 'lost')`;

interface Sum {
  cost: number;
  unknown: number;
}

/** Stores the cost anew; null as soon as one price is unknown. */
export function refreshImageCost(db: Writer, seq: number): void {
  const image = db
    .sql<{
      id: string;
      job: string;
      job_seq: number;
      generation: number;
      variation: number;
      made: number | null;
    }>(
      `SELECT i.id, j.id AS job, i.job_seq, i.generation, i.variation, ${costInSql('i.generation_cost_micro_usd')} AS made
       FROM images AS i JOIN jobs AS j ON j.seq = i.job_seq WHERE i.seq = ?`,
    )
    .get(seq);
  if (image === undefined) return;
  const own = sum(db, `FROM calls INDEXED BY calls_by_image WHERE image_id = ? AND ${settled}`, [image.id]);
  const prompt = sum(
    db,
    `FROM calls INDEXED BY calls_by_job
     WHERE job_id = ? AND generation = ? AND image_id IS NULL AND stage = 'prompt' AND ${settled}`,
    [image.job, image.generation],
  );
  const slots = db
    .sql<{ n: number }>('SELECT count(*) AS n FROM slots WHERE job_seq = ? AND generation = ?')
    .get(image.job_seq, image.generation);
  const parts = Math.max(slots?.n ?? 1, image.variation + 1);
  // Whole micro-dollars whose sum over the variations is exactly the prompt's cost.
  const upTo = (count: number): number => Math.floor((prompt.cost * count) / parts);
  const share = upTo(image.variation + 1) - upTo(image.variation);
  const cost = image.made === null || own.unknown + prompt.unknown > 0 ? null : image.made + own.cost + share;
  db.sql('UPDATE images SET cost_micro_usd = ? WHERE seq = ? AND cost_micro_usd IS NOT ?').run(
    cost,
    seq,
    cost,
  );
}

const known = costInSql('cost_micro_usd');

function sum(db: Reader, from: string, values: (string | number)[]): Sum {
  const row = db
    .sql<Sum>(`SELECT total(${known}) AS cost, count(*) - count(${known}) AS unknown ${from}`)
    .get(...values);
  return row ?? { cost: 0, unknown: 0 };
}
