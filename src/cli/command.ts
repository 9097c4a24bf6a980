/** The headless face: arguments in, engine called, results printed. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { toFactoryError } from '../engine/model/errors.ts';
import { parseCommandLine, textOf, type CommandLine } from './commandLine.ts';
import { commandOf, type CommandName } from './commands.ts';
import { badArguments, endpointsOf, printProblems, reportError, type CommandContext } from './context.ts';
import { exportFiles, remove } from './files.ts';
import { helpText } from './help.ts';
import { images, job, jobs, logs, preview, settings, stats } from './readCommands.ts';
import { approve, retry } from './retryCommands.ts';
import { rerun, resume, run, sourcesOf } from './runCommands.ts';
import { block, exitStatus, line, type ExitStatus, type Terminal } from './terminal.ts';

const handlers: Record<CommandName, (context: CommandContext) => Promise<ExitStatus>> = {
  run,
  resume,
  rerun,
  retry,
  approve,
  jobs,
  job,
  logs,
  images,
  delete: remove,
  'export xlsx': exportFiles,
  'export jobs': exportFiles,
  'export images': exportFiles,
  preview,
  stats,
  'settings schema': settings,
  'settings defaults': settings,
  'settings check': settings,
};

/** Runs a command line, or names everything that is wrong with it, settings and all. */
async function execute(
  given: CommandLine,
  argumentProblems: readonly string[],
  terminal: Terminal,
): Promise<ExitStatus> {
  const workspace = resolve(terminal.cwd, textOf(given, 'workspace') ?? '.');
  const { endpoints, problems: endpointProblems } = endpointsOf(given.texts.endpoint ?? []);
  const problems = [...argumentProblems, ...endpointProblems];
  const isThere = statSync(workspace, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isThere) problems.push(`The workspace folder ${workspace} does not exist.`);
  const json = given.flags.has('json');
  const now = (): number => performance.now();
  const context: CommandContext = { line: given, terminal, workspace, json, endpoints, now };
  if (problems.length === 0) return await handlers[given.name](context);
  const takesSettings = commandOf(given.name).options.includes('settings') || given.name === 'settings check';
  if (isThere && takesSettings) printProblems(terminal, (await sourcesOf(context)).problems);
  return badArguments(terminal, problems);
}

/** Runs the command that the arguments name and resolves with its exit status; never throws. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  const parsed = parseCommandLine(args);
  try {
    switch (parsed.kind) {
      case 'help':
        block(terminal.out, helpText(parsed.name).trimEnd());
        return exitStatus.ok;
      case 'bad':
        if (parsed.line === null) badArguments(terminal, parsed.problems);
        else await execute(parsed.line, parsed.problems, terminal);
        line(terminal.err, '"gen-image-factory --help" lists commands and options.');
        return exitStatus.usage;
      case 'command':
        return await execute(parsed.line, [], terminal);
    }
  } catch (error) {
    return reportError(terminal, toFactoryError(error));
  }
}
