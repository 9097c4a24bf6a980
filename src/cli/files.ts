/** The commands that write or remove files: export and delete. */
import { statSync } from 'node:fs';
import type { Exported, ExportTarget, Factory } from '../engine/factory.ts';
import { leftOutMessage } from '../engine/model/leftOut.ts';
import { givenFolders } from './settingSources.ts';
import { textOf, choiceOf } from './commandLine.ts';
import { badArguments, pathFrom, withFactory, type CommandContext } from './context.ts';
import { listenForStop } from './follow.ts';
import { sourcesOf } from './runCommands.ts';
import { eraseLine, exitStatus, jsonLine, line, put, type ExitStatus } from './terminal.ts';
import { counted } from './words.ts';
import { inWords } from '../engine/model/message.ts';

export async function exportFiles(context: CommandContext): Promise<ExitStatus> {
  const { line: given, terminal } = context;
  const problems: string[] = [];
  const target: ExportTarget = {
    onConflict: choiceOf(given, 'on-conflict', ['append', 'overwrite'], 'append', problems),
  };
  const out = textOf(given, 'out');
  if (out !== null) {
    target.path = pathFrom(context, out);
    const isFolder = statSync(target.path, { throwIfNoEntry: false })?.isDirectory() === true;
    if (isFolder || /[/\\]$/u.test(out)) problems.push(`--out ${out} is a folder. Give the name of a file.`);
  }
  if (given.operands.length > 0 && textOf(given, 'job') !== null) {
    problems.push('Give --job or images, not both.');
  }
  if (problems.length > 0) return badArguments(terminal, problems);
  const folders = givenFolders(await sourcesOf(context));
  const signals = listenForStop(terminal, context.now);
  try {
    return await withFactory(context, 'work', folders, async (factory) => {
      const exported = await writeExport(context, factory, target, signals.stop);
      const note = leftOutMessage(given.name === 'export images' ? 'images' : 'jobs', exported.leftOut);
      if (note !== null && !context.json) line(terminal.err, inWords(note));
      if (context.json) jsonLine(terminal.out, exported);
      else line(terminal.out, exported.path);
      return exitStatus.ok;
    });
  } finally {
    signals.end();
  }
}

async function writeExport(
  { line: given, terminal }: CommandContext,
  factory: Factory,
  target: ExportTarget,
  signal: AbortSignal,
): Promise<Exported> {
  const control = terminal.screen
    ? {
        signal,
        onProgress: ({ phase, done, total }: { phase: string; done: number; total: number }): void => {
          eraseLine(terminal.err);
          if (done < total) put(terminal.err, `${phase} ${done} of ${total}`);
        },
      }
    : { signal };
  const named = given.name === 'export images' ? [] : given.operands.map((id) => factory.job(id).id);
  const jobIds = [...new Set(named)];
  if (given.name === 'export xlsx') return await factory.exportJob(jobIds[0] ?? '', target, control);
  if (given.name === 'export jobs') return await factory.exportJobs(jobIds, target, control);
  const images = { ...target, metadata: !given.flags.has('no-metadata') };
  if (given.operands.length > 0) {
    const ids = given.operands.map((id) => factory.image(id).id);
    return await factory.exportImages({ ids }, images, control);
  }
  const job = textOf(given, 'job');
  const ofJob = job === null ? {} : { jobIds: [factory.job(job).id] };
  return await factory.exportImages({ filter: { ...ofJob, statuses: ['approved'] } }, images, control);
}

export async function remove(context: CommandContext): Promise<ExitStatus> {
  const { line: given, terminal, json } = context;
  const folders = givenFolders(await sourcesOf(context));
  return await withFactory(context, 'work', folders, async (factory) => {
    const isImages = given.flags.has('images');
    const ids = given.operands.map((id) => (isImages ? factory.image(id).id : factory.job(id).id));
    const unique = [...new Set(ids)];
    if (!given.flags.has('yes')) {
      const inside = isImages ? unique.length : (await factory.imageIds({ jobIds: unique })).length;
      const what = isImages ? '' : `${counted(unique.length, 'job')} and `;
      line(
        terminal.err,
        `This deletes ${what}${counted(inside, 'image')} with their files. Add --yes to do it.`,
      );
      return exitStatus.usage;
    }
    const done = isImages ? await factory.deleteImages(unique) : await factory.deleteJobs(unique);
    if (done.left !== undefined && !json) {
      const files = `${counted(done.left, 'file')} outside the folders of this workspace and its settings`;
      line(terminal.err, `${files} stayed where ${done.left === 1 ? 'it is' : 'they are'}.`);
    }
    const what = `${isImages ? '' : `${counted(done.jobs, 'job')} and `}${counted(done.images, 'image')}`;
    if (json) jsonLine(terminal.out, done);
    else line(terminal.out, `Deleted ${what}. The files are kept in .gen-image-factory/trash for 30 days.`);
    return exitStatus.ok;
  });
}
