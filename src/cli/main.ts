#!/usr/bin/env node
/** The headless face: arguments in, engine called, results printed. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { toFactoryError } from '../engine/model/errors.ts';
import { parseCommandLine, textOf, type CommandLine } from './commandLine.ts';
import type { CommandName } from './commands.ts';
import { badArguments, endpointsOf, reportError, type CommandContext } from './context.ts';
import { exportFiles, remove } from './files.ts';
import { helpText } from './help.ts';
import { images, job, jobs, logs, preview, settings, stats } from './reading.ts';
import { approve, retry } from './retrying.ts';
import { rerun, resume, run } from './running.ts';
import { exitStatus, line, type ExitStatus, type Terminal } from './terminal.ts';

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

async function execute(given: CommandLine, terminal: Terminal): Promise<ExitStatus> {
  const workspace = resolve(terminal.cwd, textOf(given, 'workspace') ?? '.');
  const { endpoints, problems } = endpointsOf(given.texts.endpoint ?? []);
  if (statSync(workspace, { throwIfNoEntry: false })?.isDirectory() !== true) {
    problems.push(`The workspace folder ${workspace} does not exist.`);
  }
  if (problems.length > 0) return badArguments(terminal, problems);
  const json = given.flags.has('json');
  const now = (): number => performance.now();
  return await handlers[given.name]({ line: given, terminal, workspace, json, endpoints, now });
}

/** Runs one command; never throws. */
async function main(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  const parsed = parseCommandLine(args);
  switch (parsed.kind) {
    case 'help':
      terminal.out(helpText(parsed.name));
      return exitStatus.ok;
    case 'bad': {
      const status = badArguments(terminal, parsed.problems);
      line(terminal.err, '"gen-image-factory --help" lists commands and options.');
      return status;
    }
    case 'command':
      try {
        return await execute(parsed.line, terminal);
      } catch (error) {
        return reportError(terminal, toFactoryError(error));
      }
  }
}

function processTerminal(): Terminal {
  // A reader that has seen enough closes the pipe; that is no error of ours.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    screen: process.stdout.isTTY,
    columns: () => process.stdout.columns,
    cwd: process.cwd(),
    env: process.env,
    onInterrupt: (listener) => {
      const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
      for (const signal of signals) process.on(signal, listener);
      return () => {
        for (const signal of signals) process.off(signal, listener);
      };
    },
  };
}

process.exitCode = await main(process.argv.slice(2), processTerminal());
