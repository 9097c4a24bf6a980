/**
 * The npm packages that sharp needs beside the bundle, for one target. Native everywhere; on Linux also the
 * WebAssembly build, because native sharp may crash inside Electron there (sharp chooses at run time).
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './bundle.mts';
import type { Target } from './bundle.mts';
import { readLockfile } from './lockfile.mts';
import type { LockEntry, Lockfile } from './lockfile.mts';

const COMMON = ['sharp', '@img/colour', 'detect-libc', 'semver'];
const WASM = ['@img/sharp-wasm32', '@emnapi/runtime', 'tslib'];

/** What Node needs of each package, and what its licence asks for; the rest stays out. */
const KEPT = /(\.(cjs|mjs|js|node|wasm|dll|dylib|json)|\.so(\.[\d.]+)?|\/LICENSE(\.\w+)?|\/README\.md)$/;
const LEFT_OUT = /^(sharp\/(src|install|lib)|@img\/[^/]+\/lib\/glib-2\.0)\/|\.(d\.[cm]?ts|map)$/;

/** `win32-x64` → `win32-x64`, `alpine-arm64` → `linuxmusl-arm64`: sharp's names of platforms. */
function sharpPlatform(target: Target): string {
  return target.replace('alpine', 'linuxmusl');
}

export function sharpPackages(target: Target): string[] {
  const platform = sharpPlatform(target);
  const native = [`@img/sharp-${platform}`];
  // On Windows libvips lies inside the same package.
  if (!platform.startsWith('win32')) native.push(`@img/sharp-libvips-${platform}`);
  return [...COMMON, ...native, ...(target.startsWith('linux') ? WASM : [])];
}

/** Copies the packages of the target into `folder` (a `node_modules`), from this checkout or else from npm. */
export async function stageSharp(target: Target, folder: string): Promise<void> {
  const packages = sharpPackages(target);
  const here = join(root, 'node_modules');
  const complete = packages.every((name) => existsSync(join(here, name)));
  const scratch = complete ? null : mkdtempSync(join(tmpdir(), 'factory-sharp-'));
  try {
    if (scratch !== null) await install(target, packages, scratch);
    for (const name of packages)
      copyPackage(join(scratch === null ? here : join(scratch, 'node_modules'), name), name, folder);
  } finally {
    if (scratch !== null) rmSync(scratch, { recursive: true, force: true });
  }
}

function copyPackage(from: string, name: string, folder: string): void {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `${name}${file.slice(from.length).replaceAll('\\', '/')}`;
    if (!KEPT.test(path) || LEFT_OUT.test(path)) continue;
    mkdirSync(join(folder, path, '..'), { recursive: true });
    cpSync(file, join(folder, path));
  }
}

/** The same versions, checked against the same hashes, as this checkout's lockfile has them. */
async function install(target: Target, packages: readonly string[], scratch: string): Promise<void> {
  const { packages: locked } = readLockfile(join(root, 'package-lock.json'));
  const dependencies = Object.fromEntries(
    ['sharp', ...(packages.includes(WASM[0] ?? '') ? WASM.slice(0, 1) : [])].map((name) => [
      name,
      versionOf(locked, name),
    ]),
  );
  const manifest = { name: 'staging', version: '0.0.0', dependencies };
  const lock = {
    ...manifest,
    lockfileVersion: 3,
    requires: true,
    packages: { '': manifest, ...closure(locked, Object.keys(dependencies)) },
  };
  writeFileSync(join(scratch, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(scratch, 'package-lock.json'), JSON.stringify(lock));
  const [os = '', cpu = ''] = target.replace('alpine', 'linux').split('-');
  const libc = target.startsWith('alpine') ? 'musl' : 'glibc';
  const args = [
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--force',
    `--os=${os}`,
    `--cpu=${cpu}`,
    `--libc=${libc}`,
  ];
  await promisify(execFile)('npm', args, { cwd: scratch, shell: process.platform === 'win32' });
  const missing = packages.filter((name) => !existsSync(join(scratch, 'node_modules', name)));
  if (missing.length > 0) throw new Error(`npm did not install ${missing.join(', ')} for ${target}.`);
}

function versionOf(locked: Lockfile['packages'], name: string): string {
  const version = locked[`node_modules/${name}`]?.['version'];
  if (typeof version !== 'string') throw new Error(`package-lock.json does not know ${name}.`);
  return version;
}

function closure(locked: Lockfile['packages'], names: readonly string[]): Lockfile['packages'] {
  const found: Lockfile['packages'] = {};
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const path = `node_modules/${name}`;
    const entry = locked[path];
    if (entry === undefined || path in found) continue;
    const { dev: _dev, devOptional: _devOptional, ...kept }: LockEntry = entry;
    found[path] = kept;
    for (const key of ['dependencies', 'optionalDependencies']) queue.push(...Object.keys(entry[key] ?? {}));
  }
  return found;
}
