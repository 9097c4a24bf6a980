import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTarget, root, TARGETS } from '../../../scripts/bundle.mts';
import { readLockfile } from '../../../scripts/lockfile.mts';
import { copyFiles } from '../../../scripts/package.mts';
import { sharpPackages } from '../../../scripts/sharpPackages.mts';

describe('npm run package', () => {
  const { packages } = readLockfile(join(root, 'package-lock.json'));

  for (const target of Object.keys(TARGETS).filter(isTarget)) {
    it(`finds what ${target} needs: the store's binary, and every package of sharp in the lockfile`, () => {
      const binary = join(root, `node_modules/better-sqlite3/prebuilds/${TARGETS[target]}.node`);
      assert.ok(existsSync(binary), binary);
      const missing = sharpPackages(target).filter((name) => !(`node_modules/${name}` in packages));
      assert.deepEqual(missing, []);
    });
  }

  it('ships both builds of sharp on Linux, where the native one may crash inside Electron, and one elsewhere', () => {
    assert.ok(sharpPackages('linux-x64').includes('@img/sharp-wasm32'));
    assert.ok(sharpPackages('linux-x64').includes('@img/sharp-linux-x64'));
    assert.ok(!sharpPackages('win32-x64').includes('@img/sharp-wasm32'));
    assert.ok(!sharpPackages('alpine-x64').includes('@img/sharp-wasm32'));
  });

  it('takes the words of every language along', () => {
    const [checkout, stage] = ['checkout', 'stage'].map((name) =>
      mkdtempSync(join(tmpdir(), `gif-${name}-`)),
    ) as [string, string];
    try {
      for (const file of ['package.nls.json', 'package.nls.de.json', 'tsconfig.json'])
        writeFileSync(join(checkout, file), '{}');
      copyFiles(checkout, stage);
      assert.deepEqual(readdirSync(stage).sort(), ['package.nls.de.json', 'package.nls.json']);
    } finally {
      for (const folder of [checkout, stage]) rmSync(folder, { recursive: true });
    }
  });
});
