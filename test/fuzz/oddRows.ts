/** Rows that hold what they should not. */
import type { Database } from 'better-sqlite3';
import type { Chance } from './random.ts';

const oddValues = [
  'NULL',
  '-1',
  '0',
  '1.5',
  '1e308',
  '9e999',
  '-9e999',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  `''`,
  `x''`,
  `x'00ff'`,
  `zeroblob(2000000)`,
  `hex(zeroblob(300000))`,
  `'a' || char(0) || 'b'`,
  `char(27) || ']52;c;aGk=' || char(7)`,
  `char(8238) || 'gnp.exe'`,
  `'../../../home/x'`,
  `'../home/.ssh/id_ed25519'`,
  `'.git/HEAD'`,
  `'.git'`,
  `'.env'`,
  `'src/main.c'`,
  `'/etc/passwd'`,
  `'C:\\Windows\\x.png'`,
  `'..\\..\\evil.bat'`,
  `'CON.png'`,
  `'.gen-image-factory/factory.db'`,
  `'pictures'`,
  `'running'`,
  `'restoring'`,
  `'approved'`,
  `'[]'`,
  `'{}'`,
  `'{"a":'`,
  `'[[[[[[[[[[[[1]]]]]]]]]]]]'`,
  `'{"__proto__":{"x":1}}'`,
  `'[9007199254740993,-1,1e300]'`,
  `'00000000-0000-0000-0000-000000000001'`,
  `'00000000-0000-4000-8000-000000000001'`,
] as const;

const tables = [
  ...['jobs', 'job_inputs', 'generations', 'slots', 'images', 'images', 'image_texts', 'calls', 'logs'],
  ...['runs', 'run_images', 'lease', 'trash', 'documents', 'sqlite_sequence'],
] as unknown as [string, ...string[]];

/** Changes columns of rows, without the checks of keys; what the schema itself refuses stays as it is. */
export function spoilRows(database: Database, rows: number, { below, pick, percent }: Chance): void {
  database.pragma('foreign_keys = OFF');
  const columns = new Map<string, [string, ...string[]]>();
  for (let done = 0; done < rows; done += 1) {
    const table = pick(tables);
    const known =
      columns.get(table) ??
      (database.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as [string, ...string[]]);
    columns.set(table, known);
    const changes = Array.from(
      { length: percent(20) ? 3 : 1 },
      () => `"${pick(known)}" = ${pick(oddValues)}`,
    );
    const count = Number(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
    const key = known.map((name) => `"${name}"`).join(', ');
    try {
      database.exec(
        `UPDATE OR IGNORE ${table} SET ${changes.join(', ')}
         WHERE (${key}) IN (SELECT ${key} FROM ${table} LIMIT 1 OFFSET ${below(Math.max(1, count))})`,
      );
    } catch {
      // A row number that is no number, or a sum beyond what SQLite counts: no row can hold that.
    }
  }
}
