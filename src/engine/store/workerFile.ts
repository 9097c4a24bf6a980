/** Where the entry points lie that run beside this thread. */
import { existsSync } from 'node:fs';

/** From source beside this file; in the bundle beside the entry point, while this may be in a folder of chunks. */
export function workerFile(name: 'readWorker' | 'foreignWorker'): URL {
  const here = import.meta.url;
  if (here.endsWith('.ts')) return new URL(`./${name}.ts`, here);
  const beside = new URL(`./${name}.js`, here);
  return existsSync(beside) ? beside : new URL(`../${name}.js`, here);
}
