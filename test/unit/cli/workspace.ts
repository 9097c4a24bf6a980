/** The real command line on a workspace in a temporary folder: in this process, or in one of its own. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { identityVariable } from '../../../src/engine/files/userFolder.ts';
import { runCommand } from '../../../src/cli/command.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';
import type { FakeProviders } from '../../support/providers/fakeProviders.ts';

const main = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));

export interface Ended {
  status: number | null;
  out: string;
  err: string;
}

export type EventLine = Record<string, unknown> & { event: string };

/** A process that still works. */
export interface Started {
  /** Resolves with the first JSON line that fits; fails when the process ends before. */
  line: (fits: (event: EventLine) => boolean) => Promise<EventLine>;
  /** Resolves once a note on stderr contains the text. */
  note: (part: string) => Promise<void>;
  signal: (signal: NodeJS.Signals) => void;
  ended: Promise<Ended & { events: EventLine[] }>;
}

export interface CliWorkspace {
  root: string;
  write: (path: string, content: string | Uint8Array) => void;
  /** Runs a command to its end in this process; `--workspace` is added. */
  run: (...args: string[]) => Promise<Ended>;
  /** Runs a command that must succeed, and reads the JSON that it prints. */
  json: (...args: string[]) => Promise<unknown>;
  /** Runs a command with `--json` in a process of its own. */
  start: (...args: string[]) => Started;
  /** The same to its end in this process: the JSON lines that it printed. */
  lines: (...args: string[]) => Promise<Ended & { events: EventLine[] }>;
  /** Who sits at the terminal of `run`; at first nobody does. */
  person: { ask: Terminal['ask'] };
  remove: () => void;
}

/** All is drawn and judged by the sample provider. */
export const sampleSettings = {
  'genImageFactory.provider.image': 'sample',
  'genImageFactory.provider.text': 'sample',
  'genImageFactory.runware.dimensions': '128x128',
};

/** A folder with the fixtures and a settings.json; keys only where fake providers take them. `now` is the clock of `run`. */
export function cliWorkspace(
  settings: Record<string, unknown> = sampleSettings,
  providers: FakeProviders | null = null,
  now: () => number = Date.now,
): CliWorkspace {
  const root = mkdtempSync(join(tmpdir(), 'factory-cli-'));
  cpSync(fixtures, root, { recursive: true });
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  write('.vscode/settings.json', JSON.stringify(settings));
  const endpoints = Object.entries(providers?.endpoints ?? {}).flatMap(([name, url]) => [
    '--endpoint',
    `${name}=${url}`,
  ]);
  const takesEndpoints = new Set(['run', 'resume', 'rerun', 'retry', 'approve']);
  const all = (args: readonly string[]): string[] => {
    const extra = takesEndpoints.has(args[0] ?? '') ? endpoints : [];
    return [...args, ...extra, '--workspace', root];
  };
  const begin = (args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> =>
    spawn(process.execPath, [main, ...all(args)], {
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        [identityVariable]: process.env[identityVariable],
        ...providers?.environment,
      },
    });
  const person: CliWorkspace['person'] = { ask: null };
  const run = async (...args: string[]): Promise<Ended> => {
    let out = '';
    let err = '';
    const status = await runCommand(all(args), {
      out: (text) => (out += text),
      err: (text) => (err += text),
      screen: false,
      ask: person.ask,
      columns: () => 80,
      cwd: tmpdir(),
      env: providers?.environment ?? {},
      now,
      onInterrupt: () => () => undefined,
    });
    return { status, out, err };
  };
  return {
    root,
    write,
    run,
    json: async (...args) => {
      const { status, out, err } = await run(...args, '--json');
      if (status !== 0) throw new Error(`${args.join(' ')} ended with ${String(status)}: ${err}`);
      return JSON.parse(out) as unknown;
    },
    lines: async (...args) => {
      const ended = await run(...args, '--json');
      const rows = ended.out.split('\n').filter((row) => row !== '');
      return { ...ended, events: rows.map((row) => JSON.parse(row) as EventLine) };
    },
    person,
    start: (...args) => follow(begin([...args, '--json'])),
    remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function follow(child: ChildProcessByStdio<null, Readable, Readable>): Started {
  const events: EventLine[] = [];
  let err = '';
  const waiting = new Set<() => void>();
  const news = (): void => {
    for (const check of [...waiting]) check();
  };
  let over = false;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (row) => {
    events.push(JSON.parse(row) as EventLine);
    news();
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    err += part;
    news();
  });
  const ended = Promise.all([once(child, 'close'), once(lines, 'close')]).then(([[status]]) => {
    over = true;
    news();
    const out = events.map((event) => JSON.stringify(event)).join('\n');
    return { status: status as number | null, out, err, events };
  });
  const until = <T>(find: () => T | undefined, what: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = find();
        if (found === undefined && !over) return;
        waiting.delete(check);
        if (found === undefined) reject(new Error(`It ended without ${what}: ${err}`));
        else resolve(found);
      };
      waiting.add(check);
      check();
    });
  return {
    line: (fits) => until(() => events.find(fits), 'that line'),
    note: async (part) => {
      await until(() => (err.includes(part) ? part : undefined), part);
    },
    signal: (signal) => child.kill(signal),
    ended,
  };
}
