#!/usr/bin/env node
/** The command line as a program: this process is its terminal. */
import { createInterface } from 'node:readline/promises';
import { runCommand } from './command.ts';
import type { Terminal } from './terminal.ts';

/** The answer is no, too, when the input ends or Ctrl+C is pressed. */
async function askPerson(question: string): Promise<boolean> {
  const person = createInterface({ input: process.stdin, output: process.stderr });
  const gone = new Promise<string>((resolve) => {
    person.once('close', () => resolve(''));
  });
  try {
    const answer = await Promise.race([person.question(question), gone]);
    return /^y(?:es)?$/iu.test(answer.trim());
  } finally {
    person.close();
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
    ask: process.stdin.isTTY && process.stderr.isTTY ? askPerson : null,
    // Some terminals do not know their width.
    columns: () => process.stdout.columns || 80,
    cwd: process.cwd(),
    env: process.env,
    now: Date.now,
    onInterrupt: (listener) => {
      const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
      // Node calls a listener with the name of the signal.
      for (const signal of signals) process.on(signal, listener);
      return () => {
        for (const signal of signals) process.off(signal, listener);
      };
    },
  };
}

// What Node warns of (experimental parts of itself) is not for who uses the command.
process.removeAllListeners('warning');

process.exitCode = await runCommand(process.argv.slice(2), processTerminal());
