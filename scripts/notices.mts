/** ThirdPartyNotices.txt: the licence of every package whose code is in the VSIX. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { root } from './bundle.mts';

const PACKAGE = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//g;

/** Folders (relative to the checkout) of the packages that the outputs were made of. */
export function bundledPackages(metafiles: readonly Metafile[]): string[] {
  const folders = new Set<string>();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        const last = [...input.matchAll(PACKAGE)].at(-1);
        if (last !== undefined && bytesInOutput > 0)
          folders.add(input.slice(0, last.index + last[0].length - 1));
      }
    }
  }
  return [...folders].map((folder) => folder.replace(/^\//, ''));
}

/** `folders`: absolute paths of unpacked npm packages. */
export function thirdPartyNotices(folders: readonly string[]): string {
  const notices = folders.map(noticeOf).sort((a, b) => (a.title < b.title ? -1 : 1));
  const distinct = notices.filter(({ title }, i) => title !== notices[i - 1]?.title);
  const head = 'Gen Image Factory contains the following third-party software.\n';
  return [head, ...distinct.map(({ title, text }) => `${'-'.repeat(80)}\n${title}\n\n${text}\n`)].join('\n');
}

function noticeOf(folder: string): { title: string; text: string } {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string | { type?: string };
    homepage?: string;
  };
  const license = typeof manifest.license === 'string' ? manifest.license : manifest.license?.type;
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|notice|copying)/i.test(name));
  // libvips' binaries come without a licence file; their README lists what is inside and under which licence.
  const readme =
    folder.includes('sharp-libvips') && existsSync(join(folder, 'README.md')) ? ['README.md'] : [];
  const texts = [...files, ...readme].map((name) => readFileSync(join(folder, name), 'utf8').trim());
  if (license === undefined && texts.length === 0) throw new Error(`${folder} names no licence.`);
  return {
    title: `${manifest.name} ${manifest.version} (${license ?? 'see below'})`,
    text:
      texts.length > 0 ? texts.join('\n\n') : `Licence: ${license ?? ''}. ${manifest.homepage ?? ''}`.trim(),
  };
}

export function inCheckout(folders: readonly string[]): string[] {
  return folders.map((folder) => join(root, folder));
}
