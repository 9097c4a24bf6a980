/**
 * `npm run demo`: a whole job with the sample provider, without key and network, in `out/demo`; then what it made.
 * It uses the command line as anybody would, and leaves a workspace that VS Code can open.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { trialSettings } from '../src/engine/settings/settings.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const workspace = join(root, 'out', 'demo');
const cli = join(root, 'src', 'cli', 'main.ts');

const settings = {
  ...trialSettings,
  'files.keywordsFile': 'keywords.csv',
  'files.systemPromptFile': 'system-prompt.md',
  'files.qualityCheckPromptFile': 'quality-check.md',
  'files.metadataPromptFile': 'metadata.md',
  'processing.removeBackground': true,
  'processing.trimTransparent': true,
  'processing.enhance': true,
  'processing.convert': true,
  'processing.convertFormat': 'webp',
};

interface DemoImage {
  status: string;
  generation: number;
  keyword: Record<string, string>;
  width: number;
  height: number;
  bytes: number;
  path: string | null;
  title: string | null;
}

async function prepare(): Promise<void> {
  await mkdir(join(workspace, '.vscode'), { recursive: true });
  await cp(join(root, 'test', 'fixtures'), workspace, { recursive: true });
  const entries = Object.entries(settings).map(([key, value]) => [`genImageFactory.${key}`, value] as const);
  const file = join(workspace, '.vscode', 'settings.json');
  await writeFile(file, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
}

/** Runs a command in the demo workspace and returns what it prints; `shown` leaves that to the terminal. */
async function factory(args: readonly string[], shown: boolean): Promise<string> {
  console.log(`\n> npm run -s cli -- ${args.join(' ')} --workspace ${relative(root, workspace)}`);
  const child = spawn(process.execPath, [cli, ...args, '--workspace', workspace], {
    stdio: ['ignore', shown ? 'inherit' : 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const printed = child.stdout === null ? '' : await text(child.stdout);
  const [status, signal] = await exit;
  if (status !== 0) {
    console.error(`\nThe demo ended early: "${args.join(' ')}" ended with ${status ?? signal ?? 'nothing'}.`);
    process.exit(status ?? 1);
  }
  return printed.trim();
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1024)} KB`;
}

const started = performance.now();
await prepare();
await factory(['run', '--keywords', 'keywords.csv', '--label', 'demo'], true);
const [job] = JSON.parse(await factory(['jobs', '--limit', '1', '--json'], false)) as [{ id: string }];
const list = await factory(['images', '--job', job.id, '--sort', 'oldest', '--json'], false);
const images = JSON.parse(list) as DemoImage[];
const workbook = await factory(['export', 'xlsx', job.id], false);
const archive = await factory(['export', 'images', '--job', job.id], false);

const approved = images.filter((image) => image.status === 'approved');
console.log(`
Done in ${((performance.now() - started) / 1000).toFixed(1)} s with the sample provider (no key, no network, free):
${images.length} pictures were drawn from the rows of keywords.csv and checked; ${approved.length} passed. Their backgrounds were
removed, the borders trimmed, the pictures sharpened and saturated, converted to WebP, titled, described and tagged.
`);
for (const image of approved.sort((a, b) => a.generation - b.generation)) {
  const name = relative(workspace, join(workspace, image.path ?? ''));
  console.log(`  ${name}  ${image.width}×${image.height}  ${kilobytes(image.bytes)}  ${image.title ?? ''}`);
}
console.log(`
Folder  ${join(workspace, 'pictures', 'toupload')}
Excel   ${workbook}
ZIP     ${archive}

Open ${workspace} in VS Code to see them in the gallery.`);
