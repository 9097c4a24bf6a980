/**
 * `npm run vscode`: opens the extension, as built from this checkout, in a real VS Code on a sample workspace and
 * prints the address for a browser. Ctrl+C ends it. `npm run vscode -- FOLDER` opens that folder instead,
 * `--release 1.103` the oldest VS Code, `--no-build` what lies in dist/.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { workbenchAddress } from '../test/support/vscode/address.ts';
import { installRelease } from '../test/support/vscode/install.ts';
import { newest, oldest } from '../test/support/vscode/releases.ts';
import { installFolder, startServer } from '../test/support/vscode/server.ts';
import { fillSampleWorkspace } from '../test/support/vscode/workspace.ts';
import { buildAll } from './build.mts';
import { hostTarget, root } from './bundle.mts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { release: { type: 'string' }, 'no-build': { type: 'boolean' } },
});

const release = values.release === oldest.version ? oldest : newest;
await installRelease(release, (line) => console.log(line));
if (values['no-build'] !== true) {
  await buildAll({ target: hostTarget(), outdir: join(root, 'dist'), production: false, sourcemap: true });
}

const profile = join(root, 'out/vscode-profile');
installFolder({ release, profile }, root);
const server = await startServer({ release, profile });
const workspace = positionals[0] === undefined ? sampleWorkspace() : resolve(positionals[0]);
console.log(`VS Code ${release.version} with Gen Image Factory on ${workspace}:\n`);
console.log(`  ${workbenchAddress({ authority: server.authority, workspace })}\n\nCtrl+C ends it.`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server.stop().then(() => process.exit(0)));
}

/** Kept between runs, so that history and gallery have something to show. */
function sampleWorkspace(): string {
  const folder = join(root, 'out/sample-workspace');
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true });
    fillSampleWorkspace(folder);
  }
  return folder;
}
