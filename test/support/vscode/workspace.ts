/** Workspaces for tests: folders of their own, below the system's temp folder. */
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Settings of a workspace whose jobs cost nothing and need no network. */
export const sampleSettings = {
  'genImageFactory.provider.image': 'sample',
  'genImageFactory.provider.text': 'sample',
  'genImageFactory.files.keywordsFile': 'keywords.csv',
  'genImageFactory.files.systemPromptFile': 'prompt.md',
};

const sampleFiles = {
  'keywords.csv': 'Subject,Style\nred fox,watercolor\nbarn owl,linocut\nhedgehog,pixel art\n',
  'prompt.md': 'A sticker of a ${{Subject}}, ${{Style}}, plain background.\n',
};

/** Makes a folder with these files (paths relative to it) and returns its absolute path. */
export function makeWorkspace(files: Record<string, string>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'factory-ws-')));
  fill(folder, files);
  return folder;
}

/** A workspace with three keywords, a prompt template and the sample provider. */
export function makeSampleWorkspace(settings: Record<string, unknown> = {}): string {
  return makeWorkspace(sampleWith(settings));
}

/** Makes that of an existing folder. */
export function fillSampleWorkspace(folder: string): void {
  fill(folder, sampleWith({}));
}

function sampleWith(settings: Record<string, unknown>): Record<string, string> {
  const all = { ...sampleSettings, ...settings };
  return { ...sampleFiles, '.vscode/settings.json': JSON.stringify(all, null, 2) };
}

function fill(folder: string, files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}
