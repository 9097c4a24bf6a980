import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { basename, join } from 'node:path';
import { commands } from 'vscode';
import type { Metafile } from 'esbuild';
import { activeApi, expectSoon, ourExtension } from './host.ts';

/** Loaded when first needed, each in a chunk of its own. */
const HEAVY = ['sharp', 'exceljs', 'archiver', 'openai', 'better-sqlite3'];

describe('Activation', () => {
  it('Y2: takes less than 50 ms and loads none of the heavy libraries', async () => {
    const extension = ourExtension();
    assert.equal(extension.isActive, false, 'Something has activated the extension before it was needed.');
    await expectSoon('the extension host is at rest', () => cpuOf(100).then((ms) => ms < 10));
    // Processor time of the host: what it waits for (the window's answers, other programs) is not activation's doing.
    const before = cpuTime();
    await extension.activate();
    const took = cpuTime() - before;
    const loaded = loadedScripts();
    assert.ok(loaded.has('extension.js'), 'The list of loaded scripts must hold extension.js.');
    for (const [library, chunks] of chunksOf(HEAVY, extension.extensionPath)) {
      for (const chunk of chunks) assert.ok(!loaded.has(chunk), `${library} is loaded (${chunk}).`);
    }
    assert.deepEqual(nativeLibraries(), []);
    assert.ok(took < 50, `Activation took ${took.toFixed(1)} ms of processor time.`);
  });

  it('registers every command that the manifest offers', async () => {
    await activeApi();
    const registered = new Set(await commands.getCommands(true));
    const manifest = ourExtension().packageJSON as { contributes: { commands: { command: string }[] } };
    const missing = manifest.contributes.commands.filter(({ command }) => !registered.has(command));
    assert.deepEqual(missing, []);
  });
});

/** Milliseconds of processor time that this process has used. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** How much of it within the next `span` milliseconds. */
async function cpuOf(span: number): Promise<number> {
  const before = cpuTime();
  await new Promise((resolve) => setTimeout(resolve, span));
  return cpuTime() - before;
}

/** Names of all scripts that this process has read, by the debugger's own list. */
function loadedScripts(): Set<string> {
  const names = new Set<string>();
  const session = new Session();
  session.connect();
  session.on('Debugger.scriptParsed', ({ params }) => names.add(basename(params.url)));
  session.post('Debugger.enable');
  session.disconnect();
  return names;
}

/** The output files that hold each library, by what the build says of itself. */
function chunksOf(libraries: readonly string[], extensionPath: string): Map<string, string[]> {
  const { host } = JSON.parse(readFileSync(join(extensionPath, 'out/build.json'), 'utf8')) as {
    host: Metafile;
  };
  const found = new Map<string, string[]>();
  for (const library of libraries) {
    const chunks = Object.entries(host.outputs)
      .filter(([file, output]) => file.endsWith('.js') && holds(output, library))
      .map(([file]) => basename(file));
    // sharp stays a package of its own; that it is not loaded shows in the list of native libraries.
    assert.ok(chunks.length > 0 || library === 'sharp', `No chunk holds ${library}.`);
    assert.ok(!chunks.includes('extension.js'), `${library} is part of extension.js.`);
    found.set(library, chunks);
  }
  return found;
}

function holds(output: Metafile['outputs'][string], library: string): boolean {
  return Object.entries(output.inputs).some(
    ([input, { bytesInOutput }]) => input.includes(`node_modules/${library}/`) && bytesInOutput > 0,
  );
}

function nativeLibraries(): string[] {
  const { sharedObjects } = process.report.getReport() as { sharedObjects: string[] };
  return sharedObjects.filter((file) => /sharp|vips|sqlite|native[/\\]/.test(file));
}
