/**
 * What the store itself counts by, put right before anything is written: the lease, and the numbers of rows. They are
 * no facts of a job or an image that could be shown as damaged, and nobody could go on with what they say.
 */
import type { Database } from 'better-sqlite3';

/** Numbers that can still be counted up from: half of what JavaScript counts exactly. */
const largestCount = 2 ** 52;

/** Reads a few index entries where all is well. In a transaction of its own. */
export function repairRows(database: Database): void {
  database.transaction(() => {
    repairLease(database);
    repairCounters(database);
    for (const table of numbered) renumber(database, table);
  })();
}

function repairLease(database: Database): void {
  const sound = database
    .prepare(
      `SELECT 1 FROM lease WHERE one = 1
         AND typeof(epoch) = 'integer' AND epoch BETWEEN 0 AND @most
         AND typeof(heartbeat) = 'integer' AND heartbeat BETWEEN 0 AND @most
         AND (owner IS NULL OR (typeof(owner) = 'text' AND octet_length(owner) <= 100))`,
    )
    .get({ most: largestCount });
  if (sound === undefined) database.exec('DELETE FROM lease; INSERT INTO lease (one, epoch) VALUES (1, 1)');
}

/** The last number that was given out. One that is too large lets no row be inserted any more. */
function repairCounters(database: Database): void {
  const odd = database
    .prepare(
      `SELECT 1 FROM sqlite_sequence WHERE typeof(seq) <> 'integer' OR seq NOT BETWEEN 0 AND ? LIMIT 1`,
    )
    .get(largestCount);
  if (odd !== undefined) database.exec('DELETE FROM sqlite_sequence');
}

interface Numbered {
  table: string;
  /** Columns that name a row by its number. */
  named: readonly (readonly [table: string, column: string])[];
  /** Full-text index over its numbers. */
  index?: string;
}

const numbered: readonly Numbered[] = [
  {
    table: 'jobs',
    named: [
      ['job_inputs', 'job_seq'],
      ['generations', 'job_seq'],
      ['slots', 'job_seq'],
      ['images', 'job_seq'],
      ['logs', 'job_seq'],
    ],
    index: 'jobs_text',
  },
  {
    table: 'images',
    named: [
      ['image_texts', 'seq'],
      ['slots', 'image_seq'],
      ['run_images', 'image_seq'],
    ],
    index: 'images_text',
  },
  { table: 'logs', named: [] },
  { table: 'runs', named: [] },
];

/** Rows whose number cannot be counted by come after the others, in their order. */
function renumber(database: Database, { table, named, index }: Numbered): void {
  const beyond = `seq NOT BETWEEN 1 AND ${largestCount}`;
  // Each end by itself: asked for both at once, SQLite reads all that lies between them.
  const ends = database
    .prepare(`SELECT (SELECT min(seq) FROM ${table}) AS first, (SELECT max(seq) FROM ${table}) AS last`)
    .get() as { first: number | null; last: number | null };
  if ((ends.first ?? 1) >= 1 && (ends.last ?? 1) <= largestCount) return;
  database.pragma('defer_foreign_keys = ON');
  database.exec(
    `CREATE TEMP TABLE renumbered AS
       SELECT seq AS before, row_number() OVER (ORDER BY seq)
         + (SELECT coalesce(max(seq), 0) FROM ${table} WHERE NOT ${beyond}) AS after
       FROM ${table} WHERE ${beyond};
     CREATE UNIQUE INDEX temp.renumbered_before ON renumbered (before)`,
  );
  for (const [child, column] of [...named, [table, 'seq'] as const]) {
    database.exec(
      `UPDATE ${child} SET ${column} = (SELECT after FROM renumbered WHERE before = ${column})
       WHERE ${column} IN (SELECT before FROM renumbered)`,
    );
  }
  if (index !== undefined) database.exec(`INSERT INTO ${index} (${index}) VALUES ('rebuild')`);
  database.exec(
    `DROP TABLE renumbered;
     UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM ${table}) WHERE name = '${table}'`,
  );
}
