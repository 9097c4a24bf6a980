/** The files and folders that a plan names: where they are, and whether they can be used. Nothing is written here. */
import { createHash } from 'node:crypto';
import { isAbsolute, relative, resolve } from 'node:path';
import { storeFolder } from '../model/storeFolder.ts';
import type { Files, FolderRefusal } from '../files/files.ts';
import { readInput, writabilityOf } from '../files/inputs.ts';
import { isInside, toStored } from '../files/inside.ts';
import { errnoOf } from '../model/diskErrors.ts';
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
    const within = isAbsolute(settings[key].trim()) ? null : root;
    const found = await readInput(absolute, { within, most: largestFile });
    if ('bytes' in found) return { input: { path, bytes: found.bytes } };
    switch (found.refused) {
      case 'outside':
        return bad('is a link to a file outside the workspace folder.', 'a file inside the workspace folder');
      case 'noFile':
        return bad('is no file.', 'a text file');
      case 'tooLarge': {
        const size = `${Math.round(found.size / 1024 / 1024)} MB`;
        return bad(`has ${size}; at most 32 MB can be used.`, 'a file of at most 32 MB');
      }
    }
  } catch (error) {
    const code = errnoOf(error);
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
export async function checkFolder(
  files: Files,
  key: FolderKey,
  settings: Settings,
  entered: readonly string[] = [],
): Promise<Problem | null> {
  const { root } = files;
  const absolute = resolveConfigured(root, key, settings);
  if (typeof absolute !== 'string') return absolute;
  const path = toStored(root, absolute);
  const bad = (why: string, allowed: string): Problem =>
    problem(key, path, `${labelOf(key)}: ${path} ${why}`, allowed);
  if (isWithin(resolve(root, storeFolder), absolute)) {
    return bad('is the folder of the store and its trash. Choose another folder.', writable);
  }
  const refusal = await files.refusalOf(absolute);
  const mayBeChosen = refusal?.why === 'outside' || refusal?.why === 'link';
  if (refusal !== null && !(mayBeChosen && entered.includes(absolute))) return refused(refusal);
  const problemOf = await writabilityOf(absolute);
  if (problemOf === null) return null;
  if (problemOf.why === 'file') {
    const what = toStored(root, problemOf.path);
    return problem(key, path, `${labelOf(key)}: ${what} is a file, not a folder.`, writable);
  }
  const why = problemOf.why === 'readOnly' ? 'lies on a disk that can only be read' : 'cannot be written';
  return bad(`${why}. Choose another folder.`, writable);

  function refused(of: FolderRefusal): Problem {
    switch (of.why) {
      case 'outside':
        return bad(
          'lies outside the workspace folder, and nobody has chosen it on this computer. Choose it in the settings editor or in your user settings.',
          'a folder inside the workspace folder, or one that you have chosen',
        );
      case 'protected':
        return bad('belongs to source control or to the store. Choose another folder.', writable);
      case 'link':
        return of.leadsOut
          ? bad(
              'is a link to a folder outside the workspace folder. Give the full path of that folder.',
              'a folder inside the workspace folder',
            )
          : bad('is a link. Give the path of the folder that it leads to.', 'a folder without links');
    }
  }
}

const writable = 'a folder that can be written';

/** SHA-256 of a text in hex, as `documents` are named. */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
