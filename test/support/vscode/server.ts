/** One running VS Code server with a profile of its own. */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { nodeOf, serverFolder } from './releases.ts';
import type { Release } from './releases.ts';

export interface ServerOptions {
  release: Release;
  /** Absolute path of an empty or earlier folder: settings, state and installed extensions live below it. */
  profile: string;
  /** User settings, above those that keep a test quiet. */
  settings?: Record<string, unknown>;
  /** Settings of the machine that the server runs on: the only place where those of machine scope count. */
  machineSettings?: Record<string, unknown>;
  /** Added to the environment of the extension host; undefined takes a variable away. */
  env?: Record<string, string | undefined>;
  /** False: every folder opens in restricted mode until it is trusted. */
  trust?: boolean;
  /** The window takes a development extension and a suite from its address; it then shows no notifications. */
  driver?: boolean;
  /** Gets the server's own output. */
  log?: (line: string) => void;
}

export interface RunningServer {
  /** `127.0.0.1:PORT` */
  authority: string;
  stop(): Promise<void>;
}

/** Nothing that calls out, opens by itself, moves or asks. */
const QUIET = {
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.reduceMotion': 'on',
  // As on a desktop; in a browser VS Code would save by itself a second later, beside what a test saves.
  'files.autoSave': 'off',
  'window.autoDetectColorScheme': false,
  'window.autoDetectHighContrast': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'security.workspace.trust.startupPrompt': 'never',
  'git.enabled': false,
  'npm.autoDetect': 'off',
  'remote.autoForwardPorts': false,
  'typescript.disableAutomaticTypeAcquisition': true,
};

/** Keys of the person who runs the tests never reach them. */
const KEYS = ['OPENAI_API_KEY', 'RUNWARE_API_KEY', 'REMOVEBG_API_KEY', 'PIAPI_API_KEY'];

const LISTENING = /Extension host agent listening on (\d+)/;

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  prepareProfile(options);
  const child = spawn(nodeOf(options.release), serverArgs(options), {
    env: serverEnv(options.env ?? {}),
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own process group, so that extension hosts end with it.
    detached: process.platform !== 'win32',
  });
  const killNow = (): void => signal(child, 'SIGKILL');
  process.once('exit', killNow);
  const port = await listening(child, options.log ?? (() => undefined));
  return {
    authority: `127.0.0.1:${port}`,
    stop: async () => {
      process.removeListener('exit', killNow);
      await end(child);
    },
  };
}

/** Installs a VSIX into the profile, as a person does with "Install from VSIX…". */
export async function installVsix(options: ServerOptions, file: string): Promise<void> {
  prepareProfile(options);
  const args = [...serverArgs(options), '--install-extension', file];
  const { stdout, stderr } = await promisify(execFile)(nodeOf(options.release), args, { env: serverEnv({}) });
  if (!/was successfully installed/.test(stdout)) throw new Error(`Not installed: ${stdout}${stderr}`);
}

/**
 * Makes an unpacked extension count as installed, where it lies. (A development extension would do, but a window
 * that has one shows no notifications, and takes the themes of every folder below it for its own.)
 */
export function installFolder({ profile }: ServerOptions, folder: string): void {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const id = `${manifest.publisher}.${manifest.name}`;
  const extensions = join(profile, 'extensions');
  const link = join(extensions, `${id}-${manifest.version}`);
  mkdirSync(extensions, { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(folder, link, 'junction');
  const installed = {
    identifier: { id },
    version: manifest.version,
    location: { $mid: 1, path: link, scheme: 'file' },
    relativeLocation: basename(link),
  };
  writeFileSync(join(extensions, 'extensions.json'), JSON.stringify([installed]));
}

interface Manifest {
  publisher: string;
  name: string;
  version: string;
}

function prepareProfile({ profile, settings, machineSettings }: ServerOptions): void {
  const user = join(profile, 'server/data/User');
  mkdirSync(user, { recursive: true });
  mkdirSync(join(profile, 'extensions'), { recursive: true });
  writeFileSync(join(user, 'settings.json'), JSON.stringify({ ...QUIET, ...settings }, null, 2));
  const machine = join(profile, 'server/data/Machine');
  mkdirSync(machine, { recursive: true });
  writeFileSync(join(machine, 'settings.json'), JSON.stringify(machineSettings ?? {}, null, 2));
  // Without a list 1.103 does not find the extension under development.
  const list = join(profile, 'extensions/extensions.json');
  if (!existsSync(list)) writeFileSync(list, '[]');
}

function serverArgs({ release, profile, trust, driver }: ServerOptions): string[] {
  return [
    join(serverFolder(release), 'out/server-main.js'),
    ...['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--accept-server-license-terms'],
    ...['--telemetry-level', 'off'],
    ...['--server-data-dir', join(profile, 'server'), '--extensions-dir', join(profile, 'extensions')],
    ...(trust === false ? [] : ['--disable-workspace-trust']),
    ...(driver === true ? ['--enable-smoke-test-driver'] : []),
  ];
}

function serverEnv(added: Record<string, string | undefined>): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of KEYS) Reflect.deleteProperty(env, name);
  for (const name of Object.keys(env)) if (name.startsWith('npm_')) Reflect.deleteProperty(env, name);
  return { ...env, ...added };
}

function listening(child: ChildProcess, log: (line: string) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      const text = chunk.toString();
      log(text);
      output = (output + text).slice(-20_000);
      const port = LISTENING.exec(output)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`The VS Code server ended (${code ?? 'killed'}):\n${output}`)),
    );
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  signal(child, 'SIGTERM');
  const force = setTimeout(() => signal(child, 'SIGKILL'), 5000);
  await ended;
  clearTimeout(force);
}

function signal(child: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
