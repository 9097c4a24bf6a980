/** The secret by which stores of this user on this computer are known; one file for the extension and the command line. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readSmallFile } from '../files/smallFile.ts';
import { identityFile } from '../files/userFolder.ts';

export interface Identity {
  secret: Buffer;
  /** False where no file could be kept: stores are then known for as long as this process lives. */
  lasting: boolean;
}

const secretBytes = 32;
let ofThisProcess: Identity | null = null;

/** Reads the secret, and makes it where there is none. Never fails. */
export function identity(path = identityFile()): Identity {
  const found = readSecret(path) ?? makeSecret(path);
  if (found !== null) return { secret: found, lasting: true };
  ofThisProcess ??= { secret: randomBytes(secretBytes), lasting: false };
  return ofThisProcess;
}

function readSecret(path: string): Buffer | null {
  try {
    const text = readSmallFile(realpathSync(path), 1024).trim();
    return /^[0-9a-f]{64}$/.test(text) ? Buffer.from(text, 'hex') : null;
  } catch {
    return null;
  }
}

/** Null where it cannot be written. Of two processes that make it at once, the first one's counts. */
function makeSecret(path: string): Buffer | null {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${randomBytes(secretBytes).toString('hex')}\n`, { flag: 'wx', mode: 0o600 });
  } catch {
    // Made meanwhile, or no place to write: the look decides.
  }
  return readSecret(path);
}
