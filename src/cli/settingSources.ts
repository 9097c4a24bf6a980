/** The settings that a command works with, and where each came from. */
import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { getNodeValue, parseTree, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { readInput } from '../engine/files/inputs.ts';
import { toStored } from '../engine/files/inside.ts';
import { decodeText, fileProblem, positionIn } from '../engine/keywords/text.ts';
import type { Problem } from '../engine/model/errors.ts';
import { inWords } from '../engine/model/message.ts';
import type { Message } from '../engine/model/message.ts';
import {
  checkValue,
  defaultSettings,
  isSettingKey,
  settingKeyPrefix,
  settingsSchema,
  unknownKey,
  valueFromText,
  type SettingKey,
  type Settings,
} from '../engine/settings/settings.ts';
import { messages } from './messages.ts';

export interface SettingSources {
  settings: Settings;
  /** Where each value that is not a default came from, in words. */
  origins: ReadonlyMap<SettingKey, string>;
  problems: Problem[];
  warnings: string[];
}

export interface SourceRequest {
  /** Absolute path. */
  workspace: string;
  cwd: string;
  settingsFile?: string | null;
  /** `key=value` texts of `--set`. */
  sets?: readonly string[];
  label?: string | null;
  keywords?: string | null;
}

interface Collected {
  values: Record<string, unknown>;
  origins: Map<SettingKey, string>;
  problems: Problem[];
  warnings: string[];
}

const workspaceFile = '.vscode/settings.json';
const maxSettingsBytes = 4 * 1024 * 1024;

/** Reads the workspace's settings.json, then the settings file, then the command line; the last one wins. */
export async function settingSources(request: SourceRequest): Promise<SettingSources> {
  const into: Collected = {
    values: { ...defaultSettings() },
    origins: new Map(),
    problems: [],
    warnings: [],
  };
  await readWorkspaceFile(request.workspace, into);
  if (request.settingsFile !== undefined && request.settingsFile !== null) {
    await readSettingsFile(resolve(request.cwd, request.settingsFile), request.settingsFile, into);
  }
  for (const text of request.sets ?? []) readSet(text, into);
  if (request.label !== undefined && request.label !== null)
    take('job.label', request.label, '--label', into);
  if (request.keywords !== undefined && request.keywords !== null) {
    take('files.keywordsFile', keywordPath(request, request.keywords), '--keywords', into);
  }
  const { origins, problems, warnings } = into;
  return { settings: into.values as Settings, origins, problems, warnings };
}

function take(key: string, value: unknown, origin: string, into: Collected, at?: Partial<Problem>): void {
  const problem = isSettingKey(key) ? checkValue(key, value) : unknownKey(key);
  if (problem !== null) {
    into.problems.push({ ...problem, told: messages.from({ problem: problem.told, origin }), ...at });
  } else if (isSettingKey(key)) {
    into.values[key] = value;
    into.origins.set(key, origin);
  }
}

function readSet(text: string, into: Collected): void {
  const equals = text.indexOf('=');
  const key = equals < 0 ? text : text.slice(0, equals).trim();
  if (equals < 0) {
    const told = messages.noValue({ text });
    into.problems.push({ key, file: null, line: null, column: null, told, allowed: null });
  } else {
    const value = text.slice(equals + 1);
    take(key, isSettingKey(key) ? valueFromText(key, value) : value, `--set`, into);
  }
}

interface Entry {
  key: string;
  value: unknown;
  line: number;
  column: number;
}

/** The entries of a JSON object with comments; null where there is no such file. */
async function readEntries(path: string, shown: string, into: Collected): Promise<Entry[] | null> {
  let bytes: Uint8Array;
  try {
    const found = await readInput(path, { within: null, most: maxSettingsBytes });
    if (!('bytes' in found)) {
      const told = found.refused === 'tooLarge' ? messages.tooLarge : messages.noFile;
      into.problems.push(fileProblem(shown, null, told({ file: shown })));
      return [];
    }
    bytes = found.bytes;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    if (code === 'ENOENT') return null;
    into.problems.push(fileProblem(shown, null, messages.unreadable({ file: shown, code })));
    return [];
  }
  const decoded = decodeText(bytes, shown, maxSettingsBytes);
  if ('problem' in decoded) {
    into.problems.push(decoded.problem);
    return [];
  }
  const { text } = decoded;
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  type Place = { file: string; line: number; column: number };
  const refuse = (offset: number, tell: (place: Place) => Message): void => {
    const at = positionIn(text, offset);
    into.problems.push(fileProblem(shown, at, tell({ file: shown, ...at }), messages.oneObject()));
  };
  for (const { error, offset } of errors.slice(0, 5)) {
    const reason = printParseErrorCode(error);
    refuse(offset, (place) => messages.brokenJson({ ...place, reason }));
  }
  if (errors.length > 0) return [];
  // An empty settings.json is as good as none.
  if (tree === undefined) return [];
  if (tree.type !== 'object') {
    refuse(tree.offset, messages.noObject);
    return [];
  }
  return (tree.children ?? []).map((property) => {
    const [key, value] = property.children ?? [];
    const plain: unknown = value === undefined ? undefined : getNodeValue(value);
    return { key: String(key?.value), value: plain, ...positionIn(text, property.offset) };
  });
}

async function readWorkspaceFile(workspace: string, into: Collected): Promise<void> {
  const entries = await readEntries(join(workspace, workspaceFile), workspaceFile, into);
  for (const { key: fullKey, value, line, column } of entries ?? []) {
    if (!fullKey.startsWith(settingKeyPrefix)) continue;
    const key = fullKey.slice(settingKeyPrefix.length);
    if (isSettingKey(key)) {
      take(key, value, workspaceFile, into, { file: workspaceFile, line, column });
    } else if (key.startsWith('endpoints.')) {
      into.warnings.push(
        `${workspaceFile}: ${fullKey} is ignored. Addresses are given with --endpoint, never by a workspace.`,
      );
    } else if (!Object.hasOwn(settingsSchema, key)) {
      into.warnings.push(`${workspaceFile}: ${fullKey} is ignored. ${inWords(unknownKey(key).told)}`);
    }
  }
}

async function readSettingsFile(path: string, shown: string, into: Collected): Promise<void> {
  const entries = await readEntries(path, shown, into);
  if (entries === null) {
    into.problems.push(
      fileProblem(shown, null, messages.missing({ file: shown }), messages.anExistingFile()),
    );
  }
  for (const { key, value, line, column } of entries ?? []) {
    take(key, value, shown, into, { file: shown, line, column });
  }
}

/**
 * A keyword file named on the command line: relative to the current folder as with any program, else to the
 * workspace. Inside the workspace it is kept relative to it, so that the job's history can move.
 */
function keywordPath(request: SourceRequest, given: string): string {
  const fromHere = resolve(request.cwd, given);
  const absolute = isAbsolute(given) || existsSync(fromHere) ? fromHere : resolve(request.workspace, given);
  return toStored(request.workspace, absolute);
}

/**
 * Folders for images that whoever gives the command has named. What the workspace's own settings name counts only
 * inside of it: they come with the folder.
 */
export function givenFolders({ settings, origins }: Pick<SettingSources, 'settings' | 'origins'>): string[] {
  return (['files.outputDirectory', 'files.tempDirectory'] as const)
    .filter((key) => origins.has(key) && origins.get(key) !== workspaceFile)
    .map((key) => settings[key].trim())
    .filter((folder) => isAbsolute(folder));
}

/** "12 (--set)" lines for people: every value that is no default, with its source. */
export function originLines(sources: SettingSources): string[] {
  return [...sources.origins].map(([key, origin]) => {
    return `${key} = ${JSON.stringify(sources.settings[key])} (${origin})`;
  });
}

/** What `--set` changes of a job that has its settings already; null when it is not given. */
export function settingChanges(
  sets: readonly string[],
  allowed: (key: SettingKey) => boolean,
  whyNot: Message,
): { settings: Partial<Settings> | null; problems: Problem[] } {
  const settings: Record<string, unknown> = {};
  const problems: Problem[] = [];
  const refuse = (key: string, told: Message): void => {
    problems.push({ key, file: null, line: null, column: null, told, allowed: null });
  };
  for (const text of sets) {
    const equals = text.indexOf('=');
    const key = (equals < 0 ? text : text.slice(0, equals)).trim();
    if (equals < 0) refuse(key, messages.noValue({ text }));
    else if (!isSettingKey(key)) problems.push(unknownKey(key));
    else if (!allowed(key)) refuse(key, whyNot);
    else {
      const value = valueFromText(key, text.slice(equals + 1));
      const problem = checkValue(key, value);
      if (problem === null) settings[key] = value;
      else problems.push(problem);
    }
  }
  return { settings: sets.length === 0 ? null : settings, problems };
}
