/**
 * What goes into `dist/`: one graph of ES modules for the host and the command line, split into chunks so that a
 * heavy library is read from disk only when a dynamic `import()` first asks for it, and one for the webviews.
 */
import { globSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildOptions, Plugin } from 'esbuild';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '');

/** The names that `vsce --target` knows, with better-sqlite3's entry for each. */
export const TARGETS = {
  'win32-x64': 'win32-x64',
  'win32-arm64': 'win32-arm64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'alpine-x64': 'linuxmusl-x64',
  'alpine-arm64': 'linuxmusl-arm64',
} as const;

export type Target = keyof typeof TARGETS;

export function isTarget(name: string): name is Target {
  return name in TARGETS;
}

/** The target that this machine is. */
export function hostTarget(): Target {
  const musl = process.platform === 'linux' && !('glibcVersionRuntime' in reportHeader());
  const name = `${musl ? 'alpine' : process.platform}-${process.arch}`;
  if (!isTarget(name)) throw new Error(`There is no better-sqlite3 binary for ${name}.`);
  return name;
}

function reportHeader(): object {
  return (process.report.getReport() as { header: object }).header;
}

export interface BundleOptions {
  target: Target;
  /** Absolute path of the folder to fill. */
  outdir: string;
  /** As it is shipped: small, and the libraries' builds without development warnings. */
  production: boolean;
  sourcemap: boolean;
}

/** CommonJS libraries inside an ES module still say `require`. */
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** extension.js, cli.js, readWorker.js and their chunks, for Node 22 (VS Code 1.103) and newer. */
export function hostBundle(options: BundleOptions): BuildOptions {
  const { target, outdir } = options;
  const patterns = ['src/extension/extension.ts', 'src/cli/main.ts', 'src/engine/**/*Worker.ts'];
  const files = globSync(patterns, { cwd: root }).sort();
  return {
    ...common(options),
    entryPoints: files.map((file) => ({ in: join(root, file), out: entryName(file) })),
    outdir,
    platform: 'node',
    target: 'node22',
    // sharp finds its own binaries beside itself and does not survive bundling.
    external: ['vscode', 'sharp'],
    alias: {
      'better-sqlite3': `better-sqlite3/${TARGETS[target]}`,
      // Its other files ask for their data beside themselves, where a bundle has none.
      'css-tree': 'css-tree/dist/csstree.esm',
    },
    loader: { '.node': 'copy' },
    assetNames: 'native/[name]',
    conditions: ['node', 'import'],
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
  };
}

/** One entry per view (`src/webviews/<view>/main.ts`), what they share in chunks. */
export function webviewBundle(options: BundleOptions): BuildOptions {
  const { outdir, production } = options;
  const files = globSync('src/webviews/*/main.ts', { cwd: root }).sort();
  return {
    ...common(options),
    entryPoints: files.map((file) => ({ in: join(root, file), out: basename(dirname(file)) })),
    outdir: join(outdir, 'webviews'),
    platform: 'browser',
    target: 'chrome134',
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
    conditions: production ? ['production'] : ['development'],
    plugins: [onlyEnglish, listChunks],
  };
}

function entryName(file: string): string {
  return file === 'src/cli/main.ts' ? 'cli' : basename(file, '.ts');
}

/** zod carries its messages in some fifty languages (300 KB); ours are written here, and the rest is English. */
const onlyEnglish: Plugin = {
  name: 'only-english',
  setup: (build) => {
    build.onLoad({ filter: /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/** `chunks.json`: what each view's script imports, so that its page can ask for all of it at once. */
const listChunks: Plugin = {
  name: 'list-chunks',
  setup: (build) => {
    const { outdir } = build.initialOptions;
    build.onEnd(({ metafile }) => {
      if (metafile === undefined || outdir === undefined) return;
      const nameOf = (path: string): string => relative(outdir, join(root, path)).replaceAll('\\', '/');
      const below = (path: string, seen = new Set<string>()): Set<string> => {
        for (const { kind, path: imported } of metafile.outputs[path]?.imports ?? []) {
          if (kind === 'import-statement' && !seen.has(imported)) below(imported, seen.add(imported));
        }
        return seen;
      };
      const views = Object.entries(metafile.outputs).filter(
        ([path, { entryPoint }]) => entryPoint !== undefined && path.endsWith('.js'),
      );
      const chunks = Object.fromEntries(
        views.map(([path]) => [basename(path, '.js'), [...below(path)].map(nameOf)]),
      );
      writeFileSync(join(outdir, 'chunks.json'), JSON.stringify(chunks));
    });
  },
};

function common({ production, sourcemap }: BundleOptions): BuildOptions {
  return {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    minify: production,
    sourcemap: sourcemap && 'linked',
    legalComments: 'none',
    metafile: true,
    plugins: [onlyEnglish],
    logLevel: 'warning',
  };
}
