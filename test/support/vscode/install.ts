/** Sets up the VS Code servers and the browser from npm: no root, no compiler, once per lockfile. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { newest, root, serverFolder } from './releases.ts';
import type { Release } from './releases.ts';

const run = promisify(execFile);
const INSTALLED = '.installed';
/** Counts up when the steps below change, so that what lies there is made anew. */
const STEPS = 1;

/** Installs the release unless it is there already. Says what it does, because it takes a while. */
export async function installRelease(release: Release, say: (line: string) => void): Promise<void> {
  const recipe = fileURLToPath(new URL(`./${release.version}/`, import.meta.url));
  const lock = readFileSync(join(recipe, 'package-lock.json'));
  const stamp = createHash('sha256').update(`${STEPS}\n`).update(lock).digest('hex');
  if (readStamp(release.folder) === stamp) return;
  say(`Installing VS Code ${release.version} (code-server) from npm …`);
  rmSync(release.folder, { recursive: true, force: true });
  mkdirSync(release.folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    copyFileSync(join(recipe, file), join(release.folder, file));
  }
  await npm(['ci', '--ignore-scripts'], release.folder);
  await npm(['install', '--omit=dev', '--ignore-scripts'], serverFolder(release));
  if (release !== newest) await lendRipgrep(release, say);
  writeFileSync(join(release.folder, INSTALLED), stamp);
}

/**
 * Older releases download ripgrep in an install script; the newest has it inside its package. Without it, the
 * workbench can neither search files nor activate an extension by a pattern.
 */
async function lendRipgrep(release: Release, say: (line: string) => void): Promise<void> {
  await installRelease(newest, say);
  const platform = `${process.platform}-${process.arch}`;
  const from = join(serverFolder(newest), 'node_modules/@vscode/ripgrep-universal/bin', platform, 'rg');
  const folder = join(serverFolder(release), 'node_modules/@vscode/ripgrep/bin');
  if (!existsSync(from)) return;
  mkdirSync(folder, { recursive: true });
  copyFileSync(from, join(folder, 'rg'));
  chmodSync(join(folder, 'rg'), 0o755);
}

export interface InstalledChromium {
  executable: string;
  /** Its own shared libraries and fonts, so that a bare machine has them. */
  env: Record<string, string>;
}

/** Unpacks the Chromium of @sparticuz/chromium (Linux x64 only) and says how to start it. */
export async function installChromium(say: (line: string) => void): Promise<InstalledChromium> {
  const packageFolder = join(root, 'node_modules/@sparticuz/chromium');
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const folder = join(root, 'out/vscode/chromium');
  const stamp = `${version} ${STEPS}`;
  if (readStamp(folder) !== stamp) {
    say(`Unpacking Chromium ${version} …`);
    rmSync(folder, { recursive: true, force: true });
    await unpackChromium(packageFolder, folder);
    writeFileSync(join(folder, INSTALLED), stamp);
  }
  return {
    executable: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: join(folder, 'al2023/lib'), FONTCONFIG_PATH: join(folder, 'fonts') },
  };
}

/** The package unpacks into the temp folder, and brings its libraries along only where it thinks itself on Lambda. */
async function unpackChromium(packageFolder: string, folder: string): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const script = "import('@sparticuz/chromium').then(({ default: chromium }) => chromium.executablePath())";
  await run(process.execPath, ['-e', script], {
    cwd: packageFolder,
    env: { ...process.env, TMPDIR: unfinished, AWS_LAMBDA_JS_RUNTIME: 'nodejs24.x' },
  });
  const fonts = ['fonts', '/usr/share/fonts', '/usr/local/share/fonts'];
  writeFileSync(
    join(unfinished, 'fonts/fonts.conf'),
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
${fonts.map((dir) => `  <dir${dir.startsWith('/') ? '' : ' prefix="relative"'}>${dir}</dir>`).join('\n')}
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`,
  );
  renameSync(unfinished, folder);
}

function readStamp(folder: string): string | null {
  const file = join(folder, INSTALLED);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

/** npm as it was started (`npm test`), run by the Node that runs now. */
async function npm(args: string[], cwd: string): Promise<void> {
  const cli = process.env['npm_execpath'];
  const all = [...args, '--no-audit', '--no-fund', '--legacy-peer-deps'];
  const [file, first] = cli === undefined ? ['npm', []] : [process.execPath, [cli]];
  try {
    await run(file, [...first, ...all], { cwd, maxBuffer: 1 << 26 });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`npm ${all.join(' ')} failed in ${cwd}:\n${stdout ?? ''}${stderr ?? ''}`, {
      cause: error,
    });
  }
}
