/** Texts at the top of the workspace that other tools read too (`.gitignore`): regular files, through no link. */
import { realpath } from 'node:fs/promises';
import { errnoOf } from '../model/diskErrors.ts';
import { appendLine, readBytes } from './heldFiles.ts';
import { inFolder } from './heldFolder.ts';

/** More than anybody writes by hand. */
const largestText = 1024 * 1024;

/** Empty where there is none. Fails with `input.invalid` for what is no regular file, or too large. */
export async function readRootText(root: string, name: string): Promise<string> {
  try {
    const place = { base: await realpath(root), way: [] };
    return await inFolder(place, {}, async (folder) =>
      (await readBytes(folder, name, largestText)).toString(),
    );
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return '';
    throw error;
  }
}

/** Adds a text and a line end; makes the file where there is none. */
export async function appendRootText(root: string, name: string, text: string): Promise<void> {
  await inFolder({ base: await realpath(root), way: [] }, {}, (folder) => appendLine(folder, name, text));
}
