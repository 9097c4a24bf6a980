/** What people install: the VSIX of this machine's target in a VS Code that has never seen the extension. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openPromise } from 'yauzl';
import { hostTarget, root } from '../../scripts/bundle.mts';
import { packageTarget } from '../../scripts/package.mts';
import { makeSampleWorkspace } from '../support/vscode/workspace.ts';
import { expectSoon, openWorkbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

const MB = 1e6;

describe('The package', () => {
  let vsix: string;
  let files: Map<string, number>;

  before(async () => {
    vsix = await packageTarget(hostTarget());
    files = await listFiles(vsix);
  });

  it('Y1: is under 15 MB, with an extension.js under 1 MB', () => {
    assert.ok(statSync(vsix).size < 15 * MB, `${statSync(vsix).size} bytes`);
    const entry = files.get('extension/dist/extension.js');
    assert.ok(entry !== undefined && entry < MB, `${entry} bytes`);
  });

  it('holds no sources, tests, maps or other platforms', () => {
    const strange = [...files.keys()].filter((file) =>
      /\.(map|ts|mts|cc|h|gyp)$|\/(src|test|scripts|out)\//.test(file),
    );
    assert.deepEqual(strange, []);
    const native = [...files.keys()].filter((file) => /\.(node|so[\d.]*|dylib|dll|wasm)$/.test(file));
    const platform = hostTarget().replace('alpine', 'linuxmusl');
    const foreign = native.filter(
      (file) => !file.includes(platform) && !file.includes('wasm32') && !file.includes('libvips'),
    );
    assert.deepEqual(foreign, []);
    assert.ok(
      native.some((file) => file.endsWith(`native/${platform}.node`)),
      'The store has its binary.',
    );
  });

  it('names the third-party packages inside it with their licences', () => {
    assert.ok(files.has('extension/ThirdPartyNotices.txt'));
    const notices = readFileSync(join(root, 'out/package', hostTarget(), 'ThirdPartyNotices.txt'), 'utf8');
    for (const library of ['better-sqlite3', 'sharp', 'zod', 'lit-html', 'exceljs', '@vscode/codicons']) {
      assert.match(notices, new RegExp(`^${library} [\\d.]+ \\(.+\\)$`, 'm'));
    }
    assert.match(notices, /^@img\/sharp-libvips-.* \(LGPL-3\.0-or-later\)$/m);
  });

  describe('installed in a clean VS Code', () => {
    const workspace = makeSampleWorkspace({ 'genImageFactory.generation.count': 8 });
    let workbench: Workbench;

    before(async () => {
      workbench = await openWorkbench({ workspace, extension: { vsix } });
    });
    after(() => workbench.close());
    afterEach(async function () {
      if (this.currentTest?.isFailed() === true)
        await workbench.screenshot(`failed ${this.currentTest.fullTitle()}`);
    });

    it('runs a job from the palette: the status bar counts, the history says Completed, the images are there', async () => {
      const seen = await watchStatusBar(workbench);
      await workbench.page.getByRole('tab', { name: 'Gen Image Factory' }).click();
      await workbench.runCommand('Start Job');
      await expectSoon('a percentage in the status bar', async () => (await seen()).length > 0);
      await workbench.screenshot('package 1 running');
      const completed = workbench.page.getByRole('treeitem', { name: /Completed/ });
      await completed.first().waitFor();
      await workbench.screenshot('package 2 completed');
      const percentages = await seen();
      assert.ok(percentages.length > 1, `It counts: ${percentages.join(', ')}`);
      assert.deepEqual(
        percentages,
        [...percentages].sort((one, two) => one - two),
        'It never falls (D1).',
      );
      const folder = join(workspace, 'pictures/toupload');
      const images = readdirSync(folder);
      assert.equal(images.length, 8);
      for (const image of images) assert.ok(statSync(join(folder, image)).size > 1000, image);
    });
  });
});

async function listFiles(file: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  const archive = await openPromise(file);
  for await (const entry of archive.eachEntry()) sizes.set(entry.fileName, entry.uncompressedSize);
  return sizes;
}

/** From now on, notes every percentage that the status bar shows. */
async function watchStatusBar({ page }: Workbench): Promise<() => Promise<number[]>> {
  await page.evaluate(`
    window.percentages = [];
    const bar = document.querySelector('.part.statusbar');
    new MutationObserver(() => {
      const shown = /(\\d+)\\s*%/.exec(bar.innerText)?.[1];
      if (shown !== undefined && Number(shown) !== window.percentages.at(-1)) window.percentages.push(Number(shown));
    }).observe(bar, { subtree: true, childList: true, characterData: true });
  `);
  return () => page.evaluate('window.percentages');
}
