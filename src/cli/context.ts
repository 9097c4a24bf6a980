/** What every command is given, and how the engine is opened for it. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { storeFolder } from '../engine/model/storeFolder.ts';
import { openFactory, type Factory, type ForeignStore } from '../engine/factory.ts';
import {
  FactoryError,
  isFactoryError,
  problemInWords,
  type ErrorCode,
  type Problem,
} from '../engine/model/errors.ts';
import { inWords } from '../engine/model/message.ts';
import { forEachKeyed, keyedProviders, keyVariable, type Endpoints } from '../engine/providers/registry.ts';
import { defaultHostSettings, isSafeUrl } from '../engine/settings/settings.ts';
import { createLogger } from '../engine/model/logger.ts';
import type { CommandLine } from './commandLine.ts';
import { block, exitStatus, line, type ExitStatus, type Terminal } from './terminal.ts';
import { messages } from './messages.ts';

export interface CommandContext {
  line: CommandLine;
  terminal: Terminal;
  /** Absolute path of the workspace folder. */
  workspace: string;
  json: boolean;
  endpoints: Endpoints;
  /** Milliseconds on a clock that only goes forward. */
  now: () => number;
}

/** The addresses of the services: the providers' own, or those of `--endpoint`. */
export function endpointsOf(texts: readonly string[]): { endpoints: Endpoints; problems: string[] } {
  const defaults = defaultHostSettings();
  const endpoints: Endpoints = forEachKeyed((provider) => defaults[`endpoints.${provider}`]);
  const problems: string[] = [];
  for (const text of texts) {
    const [name = '', ...rest] = text.split('=');
    const url = rest.join('=');
    const provider = keyedProviders.find((candidate) => candidate === name);
    if (provider === undefined) {
      problems.push(`--endpoint ${text}: there is no service "${name}". Use ${keyedProviders.join(', ')}.`);
    } else if (!isSafeUrl(url)) {
      problems.push(
        `--endpoint ${text}: "${url}" is not allowed. Use an https address (http only on this computer).`,
      );
    } else endpoints[provider] = url;
  }
  return { endpoints, problems };
}

const unwritable: ReadonlySet<ErrorCode> = new Set(['disk.full', 'disk.unwritable', 'store.readOnly']);

/** What a command does to the workspace: reading one without history leaves no trace in it. */
type Purpose = 'read' | 'work';

/** Opens the workspace, with the folders that the command line names for images, does the work and closes it again, whatever happens. */
export async function withFactory<T>(
  context: CommandContext,
  purpose: Purpose,
  folders: readonly string[],
  work: (factory: Factory) => Promise<T>,
): Promise<T> {
  const { terminal, workspace, endpoints } = context;
  const open = (readOnly: boolean): Promise<Factory> =>
    openFactory({
      root: workspace,
      readOnly,
      adopt: context.line.flags.has('adopt'),
      endpoints,
      keys: (provider) => {
        const key = terminal.env[keyVariable(provider)]?.trim() ?? '';
        return Promise.resolve(key === '' ? null : key);
      },
      folders: () => folders,
      environment: terminal.env,
      now: terminal.now,
      logger: createLogger(({ message }) => line(terminal.err, `Note: ${message}`)),
    });
  const factory =
    purpose === 'read' && !existsSync(join(workspace, storeFolder))
      ? await open(true)
      : await open(false).catch((error: unknown) => {
          // On a full disk, or in a folder that may only be read, history is still to be seen.
          if (purpose === 'read' && isFactoryError(error) && unwritable.has(error.code)) return open(true);
          throw error;
        });
  try {
    if (factory.notice !== null) line(terminal.err, inWords(factory.notice));
    if (factory.foreign !== null) line(terminal.err, foreignText(factory.foreign));
    factory.findInterrupted();
    return await work(factory);
  } catch (error) {
    // Why the store can only be read was said above.
    const notice = factory.notice === null ? null : inWords(factory.notice);
    if (isFactoryError(error) && inWords(error.told) === notice) {
      throw new FactoryError(error.code, messages.nothingChanged(), { cause: error });
    }
    throw error;
  } finally {
    await factory.close();
  }
}

/** What is in a history from elsewhere, and how it is taken over. */
function foreignText({ jobs, images, unfinishedRuns, unfinishedDeletions }: ForeignStore): string {
  const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
  return (
    `It holds ${count(jobs, 'job')}, ${count(images, 'image')}, ${count(unfinishedRuns, 'unfinished run')} and ` +
    `${count(unfinishedDeletions, 'unfinished deletion')}. Add --adopt to take it over: unfinished runs then wait ` +
    'until you let them go on, unfinished deletions are given up.'
  );
}

/** Every problem on its own line: where, and what to do. */
export function printProblems(terminal: Terminal, problems: readonly Problem[]): void {
  for (const problem of problems) {
    const { key, file, line: row, column, message } = problemInWords(problem);
    const place = key !== null && file !== null && row !== null ? `${file}:${row}:${column ?? 1}: ` : '';
    line(terminal.err, `${place}${key === null ? '' : `${key}: `}${message}`);
  }
}

/** Errors of the engine as people read them, and the exit status that they mean. */
export function reportError(terminal: Terminal, error: FactoryError): ExitStatus {
  if (error.problems.length > 0) printProblems(terminal, error.problems);
  else line(terminal.err, inWords(error.told));
  switch (error.code) {
    case 'busy':
      return exitStatus.busy;
    case 'cancelled':
      return exitStatus.stopped;
    case 'input.invalid':
    case 'settings.invalid':
    case 'key.missing':
    case 'notFound':
    case 'ambiguous':
    case 'conflict':
    case 'untrusted':
    case 'store.foreign':
    case 'store.damaged':
      return exitStatus.usage;
    case 'unexpected':
      // A fault of ours: the trace is what a report of it needs.
      block(terminal.err, error.cause instanceof Error ? (error.cause.stack ?? '') : (error.stack ?? ''));
      return exitStatus.failed;
    default:
      return exitStatus.failed;
  }
}

/** A path given on the command line, from the current folder. */
export function pathFrom(context: CommandContext, path: string): string {
  return resolve(context.terminal.cwd, path);
}

/** Problems of the arguments themselves. */
export function badArguments(terminal: Terminal, problems: readonly string[]): ExitStatus {
  for (const problem of problems) line(terminal.err, problem);
  return exitStatus.usage;
}
