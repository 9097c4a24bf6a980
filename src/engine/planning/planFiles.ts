/** The files and folders that a plan names: where they are, and whether they can be used. Nothing is written here. */
import { isAbsolute, relative, resolve } from 'node:path';
import { storeFolder } from '../model/storeFolder.ts';
import type { Files, FolderRefusal } from '../files/files.ts';
import { readInput, writabilityOf } from '../files/inputs.ts';
import { isInside, toStored } from '../files/inside.ts';
import { errnoOf } from '../model/diskErrors.ts';
import { maxKeywordBytes } from '../keywords/text.ts';
import type { Problem } from '../model/errors.ts';
import type { Message } from '../model/message.ts';
import { definitionOf } from '../settings/settings.ts';
import type { SettingKey, Settings } from '../settings/settings.ts';
import { messages } from './messages.ts';

export type FileKey =
  | 'files.keywordsFile'
  | 'files.systemPromptFile'
  | 'files.qualityCheckPromptFile'
  | 'files.metadataPromptFile';
export type FolderKey = 'files.outputDirectory' | 'files.tempDirectory';

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

function problem(key: SettingKey, path: string | null, told: Message, allowed: Message): Problem {
  return { key, file: path, line: null, column: null, told, allowed };
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
    const allowed = messages.aPath();
    const told = messages.leadsOut({ label: labelOf(key), path: configured, allowed });
    return problem(key, configured, told, allowed);
  }
  return absolute;
}

/** Reads a configured file: only a regular file, and one that a relative path does not smuggle out by a link. */
export async function readConfigured(root: string, key: FileKey, settings: Settings): Promise<InputResult> {
  const absolute = resolveConfigured(root, key, settings);
  if (typeof absolute !== 'string') return { problem: absolute, gone: false };
  const path = toStored(root, absolute);
  const values = { label: labelOf(key), path };
  const bad = (told: Message, allowed: Message, gone = false): InputResult => ({
    problem: problem(key, path, told, allowed),
    gone,
  });
  try {
    const within = isAbsolute(settings[key].trim()) ? null : root;
    const found = await readInput(absolute, { within, most: maxKeywordBytes });
    if ('bytes' in found) return { input: { path, bytes: found.bytes } };
    switch (found.refused) {
      case 'outside':
        return bad(messages.linkToFileOutside(values), messages.aFileInside());
      case 'noFile':
        return bad(messages.noFile(values), messages.aTextFile());
      case 'tooLarge': {
        const size = Math.round(found.size / 1024 / 1024);
        return bad(messages.fileTooLarge({ ...values, size }), messages.aFileOfSize());
      }
    }
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return bad(messages.fileMissing(values), messages.anExistingFile(), true);
    }
    if (code === 'EACCES' || code === 'EPERM') {
      return bad(messages.fileForbidden(values), messages.aReadableFile());
    }
    return bad(
      messages.fileUnreadable({ ...values, reason: code || String(error) }),
      messages.aReadableFile(),
    );
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
  const values = { label: labelOf(key), path };
  const writable = messages.aWritableFolder();
  const bad = (told: Message, allowed: Message): Problem => problem(key, path, told, allowed);
  if (isWithin(resolve(root, storeFolder), absolute)) {
    return bad(messages.folderOfStore(values), writable);
  }
  const refusal = await files.refusalOf(absolute);
  const mayBeChosen = refusal?.why === 'outside' || refusal?.why === 'link';
  if (refusal !== null && !(mayBeChosen && entered.includes(absolute))) return refused(refusal);
  const problemOf = await writabilityOf(absolute);
  if (problemOf === null) return null;
  if (problemOf.why === 'file') {
    return bad(messages.folderIsFile({ ...values, path: toStored(root, problemOf.path) }), writable);
  }
  return bad(
    problemOf.why === 'readOnly' ? messages.folderOnReadOnlyDisk(values) : messages.folderUnwritable(values),
    writable,
  );

  function refused(of: FolderRefusal): Problem {
    switch (of.why) {
      case 'outside':
        return bad(messages.folderNotChosen(values), messages.aChosenFolder());
      case 'protected':
        return bad(messages.folderProtected(values), writable);
      case 'link':
        return of.leadsOut
          ? bad(messages.linkToFolderOutside(values), messages.aFolderInside())
          : bad(messages.folderIsLink(values), messages.aFolderWithoutLinks());
    }
  }
}
