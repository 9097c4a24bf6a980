/** Whether one path lies in the folder of another, by their texts alone; what the disk says is asked in `heldFolder.ts`. */
import { isAbsolute, relative, sep } from 'node:path';

/** The way from a folder to what lies below it; null for the folder itself and for everything else. */
export function wayInside(folder: string, path: string): string | null {
  const way = relative(folder, path);
  // A name may well begin with two dots.
  return way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? null : way;
}

export function isInside(folder: string, path: string): boolean {
  return wayInside(folder, path) !== null;
}

/** A path as store and settings keep it: relative with forward slashes inside the workspace, else absolute. */
export function toStored(root: string, absolute: string): string {
  return wayInside(root, absolute)?.split(sep).join('/') ?? absolute;
}
