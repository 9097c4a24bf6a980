/** A key as SecretStorage keeps it. In a file of its own because the parser is loaded with it. */
import { z } from 'zod';

const storedKey = z.object({
  key: z.string().min(1),
  /** Origin of the address that it was entered for. */
  origin: z.string(),
});
export type StoredKey = z.infer<typeof storedKey>;

/** Null for an entry that is not ours to read; setting the key anew replaces it. */
export function parseStoredKey(text: string): StoredKey | null {
  try {
    return storedKey.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export function writeStoredKey(stored: StoredKey): string {
  return JSON.stringify(stored);
}
