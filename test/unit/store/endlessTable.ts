/** Writes into a closed store what no program would: a table that takes for ever to be read, in a few pages. */
import { readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';

const interior = 0x05;

/**
 * The root of the table names the next page many times, this one the next, and so on down to the page with the rows:
 * so many ways lead there that nobody comes to the end of them.
 */
export function endlessTable(path: string, table: string): void {
  const database = new Database(path);
  database.pragma('journal_mode = DELETE');
  const { rootpage } = database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table) as {
    rootpage: number;
  };
  const size = Number(database.pragma('page_size', { simple: true }));
  const pages = Number(database.pragma('page_count', { simple: true }));
  database.close();

  const bytes = readFileSync(path);
  const start = (rootpage - 1) * size;
  if (bytes[start] !== interior) throw new Error(`${table} has one page only.`);
  const leaf = bytes.readUInt32BE(start + 8);
  const levels = 12;
  const chain = Array.from({ length: levels }, (_, level) =>
    page(size, level + 1 < levels ? pages + level + 2 : leaf),
  );
  const whole = Buffer.concat([bytes, ...chain]);
  page(size, pages + 1).copy(whole, start);
  whole.writeUInt32BE(pages + levels, 28);
  writeFileSync(path, whole);
}

/** An interior page of a table, all of whose entries name the same page. */
function page(size: number, child: number): Buffer {
  const bytes = Buffer.alloc(size);
  const cells = 200;
  const cellSize = 6;
  const content = size - cells * cellSize;
  bytes[0] = interior;
  bytes.writeUInt16BE(cells, 3);
  bytes.writeUInt16BE(content, 5);
  bytes.writeUInt32BE(child, 8);
  for (let cell = 0; cell < cells; cell += 1) {
    const at = content + cell * cellSize;
    bytes.writeUInt16BE(at, 12 + cell * 2);
    bytes.writeUInt32BE(child, at);
    // The largest row number below: one byte where it is small, two where it is not.
    bytes.writeUInt16BE(0x8100 + (cell & 0x7f), at + 4);
  }
  return bytes;
}
