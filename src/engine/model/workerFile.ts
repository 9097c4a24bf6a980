/** Where the entry points lie that run beside this thread, in a thread or a process of their own. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * `source` is seen from the file that starts it, whose address `from` is. In the bundle it lies beside the entry
 * point, while that file may be in a folder of chunks.
 */
export function workerFile(from: string, source: `./${string}.ts`): URL {
  if (from.endsWith('.ts')) return new URL(source, from);
  const name = `${basename(source, '.ts')}.js`;
  const beside = new URL(name, from);
  return existsSync(beside) ? beside : new URL(`../${name}`, from);
}
