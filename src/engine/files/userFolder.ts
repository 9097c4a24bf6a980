/** Where the product keeps what belongs to this user on this computer; the same for the extension and the command line. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Names another file for the secret, as the tests do; what else is kept lies beside it. */
export const identityVariable = 'GEN_IMAGE_FACTORY_IDENTITY';

/** Not VS Code's own storage: it differs by product, and the command line cannot find it. */
export function identityFile(env: NodeJS.ProcessEnv = process.env): string {
  const named = env[identityVariable]?.trim() ?? '';
  if (named !== '') return named;
  const configuration =
    process.platform === 'win32'
      ? (env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'))
      : process.platform === 'darwin'
        ? join(homedir(), 'Library', 'Application Support')
        : (env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'));
  return join(configuration, 'gen-image-factory', 'identity');
}

/** The list of the folders that this user has chosen for images. */
export function chosenFoldersFile(): string {
  return `${identityFile()}-folders.json`;
}
