/** The files and folders that a plan names: where they are, and whether they can be used. Nothing is written here. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, open, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { storeFolder } from '../model/storeFolder.ts';
import { isInside, toStored } from '../files/inside.ts';
import type { Problem } from '../model/errors.ts';
import { definitionOf } from '../settings/settings.ts';
import type { SettingKey, Settings } from '../settings/settings.ts';

export type FileKey =
  | 'files.keywordsFile'
  | 'files.systemPromptFile'
  | 'files.qualityCheckPromptFile'
  | 'files.metadataPromptFile';
export type FolderKey = 'files.outputDirectory' | 'files.tempDirectory';

/** More than any list of keywords that a job of 10,000 images could use. */
const largestFile = 32 * 1024 * 1024;

export interface ReadInput {
  /** As stored: workspace-relative with forward slashes, or absolute outside the workspace. */
  path: string;
  bytes: Uint8Array;
}

/** Windows has no such flag. */
const nonBlocking = process.platform === 'win32' ? 0 : constants.O_NONBLOCK;

export type InputResult = { input: ReadInput } | { problem: Problem; gone: boolean };

/** The folder itself counts: images may lie at the top of the workspace. */
function isWithin(folder: string, path: string): boolean {
  return relative(folder, path) === '' || isInside(folder, path);
}

function problem(key: SettingKey, path: string | null, message: string, allowed: string): Problem {
  return { key, file: path, line: null, column: null, message, allowed };
}

function labelOf(key: SettingKey): string {
  return definitionOf(key).label;
}

/** The configured path made absolute; a relative one that leaves the workspace is a problem. */
export function resolveConfigured(
  root: string,
  key: FileKey | FolderKey,
  settings: Settings,
): string | Problem {
  const configured = settings[key].trim();
  const absolute = resolve(root, configured);
  if (!isAbsolute(configured) && !isWithin(root, absolute)) {
    const allowed = 'a path inside the workspace folder, or a full path';
    return problem(
      key,
      configured,
      `${labelOf(key)}: "${configured}" leads out of the workspace folder. Use ${allowed}.`,
      allowed,
    );
  }
  return absolute;
}

/** Reads a configured file: only a regular file, and one that a relative path does not smuggle out by a link. */
export async function readConfigured(root: string, key: FileKey, settings: Settings): Promise<InputResult> {
  const absolute = resolveConfigured(root, key, settings);
  if (typeof absolute !== 'string') return { problem: absolute, gone: false };
  const path = toStored(root, absolute);
  const bad = (why: string, allowed: string, gone = false): InputResult => ({
    problem: problem(key, path, `${labelOf(key)}: ${path} ${why}`, allowed),
    gone,
  });
  try {
    const real = await realpath(absolute);
    if (!isAbsolute(settings[key].trim()) && !isWithin(await realpath(root), real)) {
      return bad('is a link to a file outside the workspace folder.', 'a file inside the workspace folder');
    }
    // A pipe by that name must be refused, not waited for.
    await using file = await open(real, constants.O_RDONLY | nonBlocking);
    const facts = await file.stat();
    if (!facts.isFile()) return bad('is no file.', 'a text file');
    if (facts.size > largestFile) {
      const size = `${Math.round(facts.size / 1024 / 1024)} MB`;
      return bad(`has ${size}; at most 32 MB can be used.`, 'a file of at most 32 MB');
    }
    return { input: { path, bytes: await file.readFile() } };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return bad('does not exist. Choose another file or create it.', 'an existing file', true);
    }
    if (code === 'EACCES' || code === 'EPERM') {
      return bad('may not be read. Change its permissions or choose another file.', 'a readable file');
    }
    return bad(`cannot be read (${code || String(error)}).`, 'a readable file');
  }
}

/** The problem with a folder that a job will write to, or null: it, or the nearest folder above it, can be written. */
export async function checkFolder(root: string, key: FolderKey, settings: Settings): Promise<Problem | null> {
  const absolute = resolveConfigured(root, key, settings);
  if (typeof absolute !== 'string') return absolute;
  const path = toStored(root, absolute);
  const allowed = 'a folder that can be written';
  if (isWithin(resolve(root, storeFolder), absolute)) {
    const why = 'is the folder of the store and its trash. Choose another folder.';
    return problem(key, path, `${labelOf(key)}: ${path} ${why}`, allowed);
  }
  for (let folder = absolute; ; folder = dirname(folder)) {
    try {
      const facts = await stat(folder);
      if (!facts.isDirectory()) {
        const what = toStored(root, folder);
        return problem(key, path, `${labelOf(key)}: ${what} is a file, not a folder.`, allowed);
      }
      await access(folder, constants.W_OK | constants.X_OK);
      // What lies behind such a link is no folder of this workspace to those who show, export and delete images.
      if (!isAbsolute(settings[key].trim()) && !isWithin(await realpath(root), await realpath(folder))) {
        const why = 'is a link to a folder outside the workspace folder. Give the full path of that folder.';
        return problem(key, path, `${labelOf(key)}: ${path} ${why}`, 'a folder inside the workspace folder');
      }
      return null;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      const missing = code === 'ENOENT' || code === 'ENOTDIR';
      if (missing && dirname(folder) !== folder) continue;
      const why = code === 'EROFS' ? 'lies on a disk that can only be read' : 'cannot be written';
      return problem(key, path, `${labelOf(key)}: ${path} ${why}. Choose another folder.`, allowed);
    }
  }
}

/** SHA-256 of a text in hex, as `documents` are named. */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
