/** The one place that loads sharp: which build, which limits. */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import type sharpFunction from 'sharp';
import { FactoryError } from '../../model/errors.ts';
import { messages } from '../messages.ts';

export type Sharp = typeof sharpFunction;
export type SharpBuild = 'native' | 'wasm';

/** Loaders of libvips that the factory has a use for; every other one is blocked. */
const allowedLoaders = ['Png', 'Jpeg', 'Webp', 'Svg'].map((format) => `VipsForeignLoad${format}`);

/** Set to `native` or `wasm` to choose the build, as the tests do. */
export const sharpBuildVariable = 'GEN_IMAGE_FACTORY_SHARP';

/** Electron brings a GLib of its own on Linux, with which the native build may crash (lovell/sharp#4522). */
export function chooseSharpBuild(host: {
  platform: string;
  electron: boolean;
  wanted: string | undefined;
}): SharpBuild {
  if (host.wanted === 'native' || host.wanted === 'wasm') return host.wanted;
  return host.electron && host.platform === 'linux' ? 'wasm' : 'native';
}

let loading: Promise<Sharp> | undefined;

/**
 * Sharp with the factory's limits, loaded on the first call; a process has one build, chosen then.
 * Fails with `unexpected` where no build fits this machine.
 */
export function loadSharp(): Promise<Sharp> {
  loading ??= load(
    chooseSharpBuild({
      platform: process.platform,
      electron: process.versions['electron'] !== undefined,
      wanted: process.env[sharpBuildVariable],
    }),
  );
  return loading;
}

async function load(build: SharpBuild): Promise<Sharp> {
  try {
    const sharp = build === 'wasm' ? await importWasm() : (await import('sharp')).default;
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({ operation: allowedLoaders });
    // No byte string is read twice, so libvips would only keep what nobody asks for again.
    sharp.cache(false);
    // Two processes work at once: together they use the cores once.
    sharp.concurrency(Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2))));
    return sharp;
  } catch (error) {
    throw new FactoryError('unexpected', messages.noLibrary(), { cause: error });
  }
}

/**
 * Sharp tries the native binary first and has no switch. While it loads, the native binary is made
 * unreadable to it, so that it goes on to the WebAssembly build, as it does where none is installed.
 */
async function importWasm(): Promise<Sharp> {
  const require = createRequire(createRequire(import.meta.url).resolve('sharp'));
  const hidden: string[] = [];
  for (const libc of ['', 'musl']) {
    try {
      const native = require.resolve(`@img/sharp-${process.platform}${libc}-${process.arch}/sharp.node`);
      if (require.cache[native] !== undefined) continue;
      require.cache[native] = unreadableModule(native);
      hidden.push(native);
    } catch {
      // Not installed: nothing to hide.
    }
  }
  try {
    return (await import('sharp')).default;
  } finally {
    for (const native of hidden) Reflect.deleteProperty(require.cache, native);
  }
}

function unreadableModule(filename: string): NodeJS.Module {
  const module = { id: filename, filename, loaded: true, children: [], paths: [] };
  Object.defineProperty(module, 'exports', {
    get: () => {
      throw new Error('The native build of sharp is not used in this process.');
    },
  });
  return module as unknown as NodeJS.Module;
}

/** Which build this process has loaded: the WebAssembly one is made with emscripten. */
export async function loadedSharpBuild(): Promise<SharpBuild> {
  const sharp = await loadSharp();
  return 'emscripten' in sharp.versions ? 'wasm' : 'native';
}
