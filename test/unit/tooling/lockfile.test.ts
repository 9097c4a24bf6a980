import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { lockfileProblems, mendLockfile, readLockfile } from '../../../scripts/lockfile.mts';

const root = new URL('../../../', import.meta.url);
const lock = readLockfile(fileURLToPath(new URL('package-lock.json', root)));

describe('package-lock.json', () => {
  it('installs with npm 9, 10 and 11 without python or compiler, and names no hosts', () => {
    assert.deepEqual(lockfileProblems(lock), [], 'Run `npm run lockfile`.');
  });

  it('keeps the one install script that is needed: it brings Node 24', () => {
    assert.equal(lock.packages['node_modules/node']?.hasInstallScript, true);
  });

  it('is mended after npm has written it anew', () => {
    const written = mendLockfile(lock);
    delete written.packages['node_modules/better-sqlite3']?.gypfile;
    written.packages['node_modules/keytar'] = {
      hasInstallScript: true,
      resolved: 'https://example.test/k.tgz',
    };
    assert.equal(lockfileProblems(written).length, 4);
    assert.deepEqual(lockfileProblems(mendLockfile(written)), []);
  });
});
