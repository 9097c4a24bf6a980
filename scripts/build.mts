/** `npm run build`: `dist/`; with `--watch` again after every change, with `--production` as it is shipped. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';
import type { Metafile } from 'esbuild';
import { hostBundle, hostTarget, root, webviewBundle } from './bundle.mts';
import type { BundleOptions } from './bundle.mts';

/** Fills `outdir` and says what every output was made of. */
export async function buildAll(options: BundleOptions): Promise<{ host: Metafile; webviews: Metafile }> {
  rmSync(options.outdir, { recursive: true, force: true });
  mkdirSync(options.outdir, { recursive: true });
  const [host, webviews] = await Promise.all([build(hostBundle(options)), build(webviewBundle(options))]);
  if (host.metafile === undefined || webviews.metafile === undefined)
    throw new Error('esbuild gave no metafile.');
  return { host: host.metafile, webviews: webviews.metafile };
}

async function watch(options: BundleOptions): Promise<void> {
  for (const bundle of [hostBundle(options), webviewBundle(options)]) {
    await (await context({ ...bundle, logLevel: 'info' })).watch();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const options = {
    target: hostTarget(),
    outdir: join(root, 'dist'),
    production: process.argv.includes('--production'),
    sourcemap: true,
  };
  if (process.argv.includes('--watch')) {
    await watch(options);
  } else {
    const metafiles = await buildAll(options);
    mkdirSync(join(root, 'out'), { recursive: true });
    writeFileSync(join(root, 'out/build.json'), JSON.stringify(metafiles));
  }
}
