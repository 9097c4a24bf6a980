/** What host tests share: the extension as VS Code sees it, its session, and waiting. */
import assert from 'node:assert/strict';
import { basename, join } from 'node:path';
import { commands, ConfigurationTarget, extensions, Range, Uri, workspace, WorkspaceEdit } from 'vscode';
import type { Extension, TreeDataProvider, TreeItem } from 'vscode';
import type { Factory } from '../../src/engine/factory.ts';
import type { ErrorCode, FactoryError } from '../../src/engine/model/errors.ts';
import type { FactoryEvent } from '../../src/engine/model/events.ts';
import type { ImageRecord } from '../../src/engine/model/image.ts';
import type { JobDetails } from '../../src/engine/factory.ts';
import type { TestApi } from '../../src/extension/extension.ts';
import { expectSoon } from '../support/patience.ts';

export { expectSoon } from '../support/patience.ts';

export function ourExtension(): Extension<TestApi> {
  const extension = extensions.getExtension<TestApi>('gen-image-factory.gen-image-factory');
  assert.ok(extension, 'The extension is not installed.');
  return extension;
}

/** Activates the extension if nothing has yet. */
export function activeApi(): Thenable<TestApi> {
  return ourExtension().activate();
}

/** Path of the first workspace folder. */
export function folderPath(): string {
  const [folder] = workspace.workspaceFolders ?? [];
  assert.ok(folder, 'No folder is open.');
  return folder.uri.fsPath;
}

/** Runs one of our commands by its name. */
export async function run<T = unknown>(name: string, ...args: unknown[]): Promise<T> {
  return commands.executeCommand<T>(`genImageFactory.${name}`, ...args);
}

/** Writes settings of ours into the workspace, or takes them out (undefined). */
export async function configure(values: Record<string, unknown>): Promise<void> {
  for (const [key, value] of Object.entries(values)) {
    await workspace.getConfiguration('genImageFactory').update(key, value, ConfigurationTarget.Workspace);
  }
}

/** The settings that the sample workspace comes with. */
export const asMade = {
  'provider.image': 'sample',
  'provider.text': 'sample',
  'files.keywordsFile': 'keywords.csv',
  'files.systemPromptFile': 'prompt.md',
};

/** Starts a job by the command; fails where it was refused. */
export async function start(command = 'startJob', ...args: unknown[]): Promise<string> {
  const started = await run<{ jobId: string } | null | undefined>(command, ...args);
  assert.ok(started, `${command} did not start a job.`);
  return started.jobId;
}

/** The job once it neither runs nor waits. */
export async function ended(factory: Factory, jobId: string): Promise<JobDetails> {
  return expectSoon(`the end of job ${jobId}`, () => {
    const job = factory.job(jobId);
    const over = job.status !== 'running' && job.status !== 'queued' && factory.activeRun() === null;
    return over ? job : null;
  });
}

/** Every event of the session from now on. */
export function recordEvents(api: TestApi): { events: FactoryEvent[]; stop: () => void } {
  const events: FactoryEvent[] = [];
  const listener = api.session.onFactoryEvent((event) => events.push(event));
  return { events, stop: () => void listener.dispose() };
}

export interface Drawn<T> {
  node: T;
  item: TreeItem;
  label: string;
}

/** The children of a tree's node, each as VS Code would draw it. */
export async function shown<T>(tree: TreeDataProvider<T>, node?: T): Promise<Drawn<T>[]> {
  const nodes: T[] = (await tree.getChildren(node)) ?? [];
  return Promise.all(
    nodes.map(async (each): Promise<Drawn<T>> => {
      const item: TreeItem = await tree.getTreeItem(each);
      const { label } = item;
      return { node: each, item, label: typeof label === 'string' ? label : (label?.label ?? '') };
    }),
  );
}

/** The images of a job, oldest first. */
export async function imagesOf(factory: Factory, jobId: string): Promise<ImageRecord[]> {
  return (await factory.images({ jobIds: [jobId] }, 'oldest', { limit: 1000 })).items;
}

/** Writes a file of the workspace the way an editor does: VS Code itself refuses to write one that changed below it. */
export async function writeText(path: string, text: string): Promise<void> {
  const uri = Uri.file(join(folderPath(), path));
  const document = await workspace.openTextDocument(uri);
  const edit = new WorkspaceEdit();
  edit.replace(uri, document.validateRange(new Range(0, 0, document.lineCount, 0)), text);
  assert.ok(await workspace.applyEdit(edit), `${path} could not be edited.`);
  assert.ok(await document.save(), `${path} could not be saved.`);
}

/** True for an error of ours with this code. (The suite is a bundle of its own, with a class of its own.) */
export function hasCode(error: unknown, code: ErrorCode): error is FactoryError {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Changes the folders of a window with several, as "Add Folder to Workspace…" does. */
export async function changeFolders(at: number, remove: number, ...add: string[]): Promise<void> {
  const changed = new Promise<void>((resolve) => {
    const listener = workspace.onDidChangeWorkspaceFolders(() => {
      listener.dispose();
      resolve();
    });
  });
  const folders = add.map((path) => ({ uri: Uri.file(path), name: basename(path) }));
  assert.ok(workspace.updateWorkspaceFolders(at, remove, ...folders), 'VS Code refused the folders.');
  await changed;
}

/** Configures a job that takes some seconds: rows one after another. */
export async function configureLongJob(rows = 40): Promise<void> {
  const keywords = Array.from({ length: rows }, (_, row) => `animal ${row + 1}`).join('\n');
  await workspace.fs.writeFile(Uri.file(join(folderPath(), 'many.txt')), Buffer.from(keywords));
  await configure({
    'files.keywordsFile': 'many.txt',
    'files.systemPromptFile': undefined,
    'generation.count': rows,
    'generation.parallel': 1,
  });
}
