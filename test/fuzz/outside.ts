/** What a hostile folder would like to reach, and whether it did. */
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const own = ['.gen-image-factory', 'pictures'];

/** Files of a person, beside the workspace and in it. */
export function plantOutside(base: string): void {
  const files = {
    'home/.bashrc': 'export PATH\n',
    'home/.ssh/id_ed25519': 'a private key\n',
    'home/project/.git/hooks/post-commit.sample': 'exit 0\n',
    'home/pictures/holiday.png': 'a picture of mine\n',
    'workspace/.env': 'SECRET=1\n',
    'workspace/.git/HEAD': 'ref: refs/heads/main\n',
    'workspace/.git/hooks/pre-commit.sample': 'exit 0\n',
    'workspace/src/main.c': 'int main(void) { return 0; }\n',
    'workspace/keywords.csv': 'Animal\nfox\n',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
  }
}

/** Everything below the folder that is not the factory's own: kind, rights, size, content. */
export function listingOf(base: string): string {
  const lines: string[] = [];
  const visit = (folder: string): void => {
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      if (folder === join(base, 'workspace') && own.includes(name)) continue;
      const stats = lstatSync(path);
      const content = stats.isFile()
        ? createHash('sha256').update(readFileSync(path)).digest('hex')
        : stats.isSymbolicLink()
          ? readlinkSync(path)
          : '';
      lines.push(
        [relative(base, path), stats.mode, stats.isDirectory() ? '' : stats.size, content].join(' '),
      );
      if (stats.isDirectory()) visit(path);
    }
  };
  visit(base);
  return lines.join('\n');
}
