/**
 * Keeps package-lock.json installable everywhere: `npm run lockfile` after every `npm install`.
 *
 * npm 9 and 10 run node-gyp for every package that carries a binding.gyp and needs python and a compiler for it;
 * better-sqlite3 brings its binaries along and says so with `gypfile: false`, which npm does not copy into the
 * lockfile. Install scripts other than Node's own are not needed either: esbuild and vsce work without theirs, and
 * keytar (optional, of vsce) would try to reach GitHub.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface LockEntry {
  gypfile?: boolean;
  hasInstallScript?: boolean;
  resolved?: string;
  [key: string]: unknown;
}

export interface Lockfile {
  packages: Record<string, LockEntry>;
  [key: string]: unknown;
}

/** They carry a binding.gyp, but better-sqlite3 brings its binaries and keytar (optional) is not needed. */
const NOT_COMPILED = ['node_modules/better-sqlite3', 'node_modules/keytar'];
const MAY_RUN_SCRIPTS = ['node_modules/node'];

/** What a lockfile says that would break or slow an install elsewhere, one sentence each; empty when it is fine. */
export function lockfileProblems(lock: Lockfile): string[] {
  const problems: string[] = [];
  for (const path of NOT_COMPILED) {
    if (path in lock.packages && lock.packages[path]?.gypfile !== false) {
      problems.push(`${path} lacks "gypfile": false, so npm 9 and 10 would compile it.`);
    }
  }
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (entry.hasInstallScript === true && !MAY_RUN_SCRIPTS.includes(path)) {
      problems.push(`${path} would run an install script.`);
    }
    if (entry.resolved !== undefined) {
      problems.push(`${path} names the address it was downloaded from.`);
    }
  }
  return problems;
}

/** The same lockfile without the problems. */
export function mendLockfile(lock: Lockfile): Lockfile {
  const packages: Record<string, LockEntry> = {};
  for (const [path, original] of Object.entries(lock.packages)) {
    const entry = { ...original };
    delete entry.resolved;
    if (!MAY_RUN_SCRIPTS.includes(path)) delete entry.hasInstallScript;
    if (NOT_COMPILED.includes(path)) entry.gypfile = false;
    packages[path] = entry;
  }
  return { ...lock, packages };
}

export function readLockfile(path: string): Lockfile {
  return JSON.parse(readFileSync(path, 'utf8')) as Lockfile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = fileURLToPath(new URL('../package-lock.json', import.meta.url));
  writeFileSync(path, `${JSON.stringify(mendLockfile(readLockfile(path)), null, 2)}\n`);
}
