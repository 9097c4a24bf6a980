/**
 * `npm run package -- --target linux-x64`: `out/gen-image-factory-linux-x64-VERSION.vsix`. Without a target, for this
 * machine; `--target all` for every target. Works on any machine: the native parts come prebuilt from npm.
 */
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';
import { buildAll } from './build.mts';
import { hostTarget, isTarget, root, TARGETS } from './bundle.mts';
import type { Target } from './bundle.mts';
import { bundledPackages, inCheckout, thirdPartyNotices } from './notices.mts';
import { sharpPackages, stageSharp } from './sharpPackages.mts';

/** As they are; what the VSIX takes of the staged folder says .vscodeignore. */
const FILES = ['.vscodeignore', 'README.md', 'CHANGELOG.md', 'LICENSE', 'package.nls*.json', 'media', 'l10n'];
/** Of package.json, what only a checkout needs. */
const CHECKOUT_ONLY = ['private', 'scripts', 'allowScripts', 'dependencies', 'devDependencies'];

/** Builds the VSIX of one target and returns its absolute path. */
export async function packageTarget(target: Target): Promise<string> {
  const stage = join(root, 'out/package', target);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  const dist = join(stage, 'dist');
  const { host, webviews } = await buildAll({ target, outdir: dist, production: true, sourcemap: false });
  const modules = join(dist, 'node_modules');
  await stageSharp(target, modules);
  const notices = [
    ...inCheckout(bundledPackages([host, webviews])),
    ...sharpPackages(target).map((name) => join(modules, name)),
  ];
  writeFileSync(join(stage, 'ThirdPartyNotices.txt'), thirdPartyNotices(notices));
  const { version } = stageFiles(stage);
  const packagePath = join(root, `out/gen-image-factory-${target}-${version}.vsix`);
  await createVSIX({
    cwd: stage,
    packagePath,
    target,
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  return packagePath;
}

/** Copies them from a checkout. */
export function copyFiles(checkout: string, stage: string): void {
  for (const file of globSync(FILES, { cwd: checkout })) {
    cpSync(join(checkout, file), join(stage, file), { recursive: true });
  }
}

function stageFiles(stage: string): { version: string } {
  copyFiles(root, stage);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown> & {
    version: string;
  };
  const kept = Object.entries(manifest).filter(([key]) => !CHECKOUT_ONLY.includes(key));
  writeFileSync(join(stage, 'package.json'), JSON.stringify(Object.fromEntries(kept), null, 2));
  return manifest;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { target: { type: 'string' } } });
  const name = values.target ?? hostTarget();
  const targets = name === 'all' ? Object.keys(TARGETS).filter(isTarget) : [name].filter(isTarget);
  if (targets.length === 0) {
    console.error(`${name} is no target. There are: ${Object.keys(TARGETS).join(', ')}, all.`);
    process.exitCode = 2;
  }
  for (const target of targets) {
    const file = await packageTarget(target);
    console.log(`${file} (${(statSync(file).size / 1e6).toFixed(1)} MB)`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
