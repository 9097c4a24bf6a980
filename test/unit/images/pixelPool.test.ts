import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { hostBundle, hostTarget, root as project } from '../../../scripts/bundle.mts';
import { workOnPixels } from '../../../src/engine/images/pixelPool.ts';
import { startPixelProcess } from '../../../src/engine/images/pixelProcess.ts';
import { inspectImage } from '../../../src/engine/images/pixels/thumbnail.ts';
import { acceptImage } from '../../../src/engine/images/sniff.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import { expectSoon, patience } from '../../support/patience.ts';
import { striped } from './testImages.ts';

const drawing = (content: string, attributes = 'width="40" height="40"'): Buffer =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${content}</svg>`);

/** Draws for minutes. */
const slow = drawing(
  `<filter id="f">${'<feGaussianBlur stdDeviation="50"/>'.repeat(64)}</filter>` +
    '<rect width="1024" height="1024" filter="url(#f)"/>'.repeat(40),
  'width="1024" height="1024"',
);

const small = drawing('<rect width="9" height="9"/>');

const processes = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === 'ProcessWrap').length;

describe('work on pixels', () => {
  it('Y3: runs in at most two processes, which keep nothing alive when they are idle', async () => {
    const bytes = await striped(900, 600, 'png');
    let most = 0;
    const look = (): void => void (most = Math.max(most, processes()));
    await Promise.all(
      Array.from({ length: 8 }, () => workOnPixels('thumbnail', { bytes }).then(look)).concat(
        workOnPixels('measure', { bytes }).then(look),
      ),
    );
    assert.ok(most >= 1 && most <= 2, `${most}`);
    assert.equal(processes(), 0);
  });

  it('Y3: gives what the same work gives in this process, byte by byte, however long', async () => {
    const bytes = await striped(2400, 1600, 'png');
    const there = await workOnPixels('inspect', { bytes, maxSide: 2048 });
    const here = await inspectImage(bytes, { maxSide: 2048 });
    assert.deepEqual(Buffer.from(there.visionImage.bytes), Buffer.from(here.visionImage.bytes));
    assert.deepEqual(Buffer.from(there.thumbnail), Buffer.from(here.thumbnail));
    assert.deepEqual(acceptImage((await workOnPixels('cutGrid', { bytes }))[3] ?? bytes), {
      type: 'png',
      width: 1200,
      height: 800,
    });
  });

  it('P9: fails as the work itself does', async () => {
    await assert.rejects(
      workOnPixels('thumbnail', { bytes: Buffer.from('no image') }),
      (error) => isFactoryError(error, 'image.invalid') && /no PNG, JPEG/.test(error.message),
    );
  });

  it('P17: what takes too long is given up, and the next image is worked on', async () => {
    await assert.rejects(
      workOnPixels('inspect', { bytes: slow, maxSide: 1024 }),
      (error) => isFactoryError(error, 'image.invalid') && /it takes over 5 seconds/.test(error.message),
    );
    assert.equal((await workOnPixels('inspect', { bytes: small, maxSide: 64 })).type, 'svg');
  });

  it('P17: what takes too much memory is given up', async () => {
    const one = await startPixelProcess();
    const bounds = { of: 'drawing', seconds: patience / 1000, memory: 1 } as const;
    await assert.rejects(
      one.run('inspect', { bytes: slow, maxSide: 1024 }, bounds),
      (error) => isFactoryError(error, 'image.invalid') && /takes too much memory/.test(error.message),
    );
    assert.equal(one.usable, false);
  });

  it('J2: what nobody waits for any longer is given up at once, before its turn or in the middle', async () => {
    const stop = new AbortController();
    const all = Array.from({ length: 3 }, () =>
      workOnPixels('inspect', { bytes: slow, maxSide: 1024 }, stop.signal),
    );
    const ended = Promise.allSettled(all);
    await expectSoon('two processes at work', () => processes() === 2);
    stop.abort(new Error('stopped'));
    for (const one of await ended) {
      assert.ok(one.status === 'rejected' && /stopped/.test(String(one.reason)), one.status);
    }
    assert.equal((await workOnPixels('inspect', { bytes: small, maxSide: 64 })).type, 'svg');
    await assert.rejects(workOnPixels('thumbnail', { bytes: small }, AbortSignal.abort()), {
      name: 'AbortError',
    });
  });

  it('Y3: works from the bundle that is shipped', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'factory-bundle-'));
    try {
      const outdir = join(folder, 'dist');
      // The image library is not part of the bundle: it lies beside it.
      symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'), 'junction');
      const options = hostBundle({ target: hostTarget(), outdir, production: true, sourcemap: false });
      const own = fileURLToPath(new URL('.', import.meta.url));
      await build({
        ...options,
        entryPoints: [
          { in: join(own, 'bundledPixels.mts'), out: 'probe' },
          { in: join(project, 'src/engine/images/pixels/pixelWorker.ts'), out: 'pixelWorker' },
        ],
      });
      const told = execFileSync(process.execPath, [join(outdir, 'probe.js')], { encoding: 'utf8' });
      assert.deepEqual(JSON.parse(told), { type: 'svg', width: 40, height: 20 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('P17: leaves nothing behind in the folder for temporary files', async () => {
    const temporary = mkdtempSync(join(tmpdir(), 'factory-pixels-'));
    try {
      const module = new URL('../../../src/engine/images/pixelProcess.ts', import.meta.url).href;
      const program = `
        const { startPixelProcess } = await import(${JSON.stringify(module)});
        const [ended, left] = [await startPixelProcess(), await startPixelProcess()];
        const bounds = { of: 'image', seconds: 600, memory: 2 ** 40 };
        await Promise.all([ended, left].map((one) => one.run('drawPng', { svg: ${JSON.stringify(String(small))} }, bounds)));
        ended.end();
      `;
      const owner = spawn(process.execPath, ['--input-type=module', '--eval', program], {
        stdio: 'inherit',
        env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
      });
      const [code] = (await once(owner, 'exit')) as [number | null];
      assert.equal(code, 0);
      await expectSoon('an empty folder', () => readdirSync(temporary).length === 0);
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  });

  it('P17: ends in the middle of its work when the process that it works for is gone', async () => {
    const module = new URL('../../../src/engine/images/pixelProcess.ts', import.meta.url).href;
    const program = `
      const { startPixelProcess } = await import(${JSON.stringify(module)});
      const one = await startPixelProcess();
      const input = { bytes: Buffer.from(${JSON.stringify(slow.toString())}), maxSide: 1024 };
      void one.run('inspect', input, { of: 'drawing', seconds: 600, memory: 2 ** 40 });
      process.stdout.write(String(one.pid), () => setTimeout(() => process.kill(process.pid, 'SIGKILL'), 500));
    `;
    const owner = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    owner.stdout.on('data', (text: Buffer) => (told += text.toString()));
    await once(owner, 'exit');
    assert.match(told, /^\d+$/u);
    await expectSoon('the end of the process', () => hasEnded(Number(told)));
  });
});

function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // Where nobody collects what ended, as in some containers, it is still listed.
    return process.platform === 'linux' && /\) Z /u.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}
