/** Which files the rows of this store may name: the store travels with its folder, so its paths are outside data. */
import { join } from 'node:path';
import { storeFolder } from '../model/storeFolder.ts';
import { resolveStored } from '../images/files.ts';
import { isFactoryError } from '../model/errors.ts';
import { resolveConfigured } from '../planning/planFiles.ts';
import type { Settings } from '../settings/settings.ts';
import type { FactoryOptions } from './contract.ts';

export interface WorkspaceFiles {
  /** The exports folder. */
  readonly exports: string;
  readonly thumbnails: string;
  /** Remembers the folders of settings that the user has just started a job with. */
  use: (settings: Settings) => void;
  /** The absolute path of a stored one, or null when it lies where this workspace has no business. */
  locate: (storedPath: string) => Promise<string | null>;
}

export function createWorkspaceFiles({ root, folders }: FactoryOptions): WorkspaceFiles {
  const used = new Set<string>();
  return {
    exports: join(root, storeFolder, 'exports'),
    thumbnails: join(root, storeFolder, 'thumbnails'),
    use(settings) {
      for (const key of ['files.outputDirectory', 'files.tempDirectory'] as const) {
        const folder = resolveConfigured(root, key, settings);
        if (typeof folder === 'string') used.add(folder);
      }
    },
    async locate(storedPath) {
      try {
        return await resolveStored(root, [...used, ...(folders?.() ?? [])], storedPath);
      } catch (error) {
        if (isFactoryError(error, 'input.invalid')) return null;
        throw error;
      }
    },
  };
}
