/**
 * The VS Code releases that the host and UI floors run in: code-server from npm holds the complete VS Code server
 * and workbench. Each has a folder here with its own package.json and lockfile.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url)).replace(/[/\\]$/, '');

export interface Release {
  /** Of VS Code, also the name of the folder. */
  version: string;
  /** Where npm has put it, or will; under `out`, which git ignores. */
  folder: string;
}

export const newest: Release = { version: '1.139', folder: join(root, 'out/vscode/1.139') };
/** What `engines.vscode` promises. */
export const oldest: Release = { version: '1.103', folder: join(root, 'out/vscode/1.103') };

/** The VS Code server's own folder inside code-server. */
export function serverFolder(release: Release): string {
  return join(release.folder, 'node_modules/code-server/lib/vscode');
}

/** The release's own Node where npm has brought one (1.103 ran on Node 22), else the one that runs now. */
export function nodeOf(release: Release): string {
  const own = join(release.folder, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  return existsSync(own) ? own : process.execPath;
}
