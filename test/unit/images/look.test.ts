import assert from 'node:assert/strict';
import {
  chooseSharpBuild,
  loadedSharpBuild,
  loadSharp,
  sharpBuildVariable,
} from '../../../src/engine/images/pixels/sharp.ts';
import { acceptImage } from '../../../src/engine/images/sniff.ts';
import { inspectImage, thumbnail } from '../../../src/engine/images/pixels/thumbnail.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import { createSampleProvider } from '../../../src/engine/providers/sample/provider.ts';
import { patience } from '../../support/patience.ts';
import { pngWithBox, rgba, striped } from './testImages.ts';

describe('looking at an image', () => {
  it('P7: gives the vision models a JPEG of at most the wanted side, and lists a small WebP', async () => {
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const seen = await inspectImage(await striped(900, 600, format), { maxSide: 300 });
      assert.deepEqual([seen.width, seen.height, seen.hasAlpha], [900, 600, false]);
      assert.deepEqual(acceptImage(seen.visionImage.bytes), { type: 'jpg', width: 300, height: 200 });
      assert.deepEqual(acceptImage(seen.thumbnail), { type: 'webp', width: 256, height: 171 });
    }
  });

  it('P7: never enlarges, and honours a side under a thumbnail', async () => {
    const small = await inspectImage(await striped(90, 60, 'png'), { maxSide: 1024 });
    assert.deepEqual(acceptImage(small.visionImage.bytes), { type: 'jpg', width: 90, height: 60 });
    const tiny = await inspectImage(await striped(900, 600, 'png'), { maxSide: 128 });
    assert.equal(acceptImage(tiny.visionImage.bytes).width, 128);
    assert.equal(acceptImage(tiny.thumbnail).width, 256);
  });

  it('P7: shows transparent parts to the vision models as light, not as black', async () => {
    const seen = await inspectImage(
      await pngWithBox({ width: 60, height: 60 }, { left: 20, top: 20, width: 20, height: 20 }),
      { maxSide: 512 },
    );
    assert.equal(seen.hasAlpha, true);
    const image = await rgba(seen.visionImage.bytes);
    assert.ok((image.data[0] ?? 0) > 200);
  });

  it('W8: thumbnails of real images take at most 8 KB', async () => {
    const { image } = createSampleProvider();
    const context = { signal: new AbortController().signal, timeoutMs: patience, debug: () => undefined };
    const request = {
      requestId: 'r',
      prompt: 'a forest and a lighthouse',
      generation: 0,
      count: 3,
      width: 768,
      height: 768,
      seed: 5,
    };
    const { images } = await image.generate(request, context, () => undefined);
    for (const { source } of images) {
      const small = await thumbnail(source.kind === 'bytes' ? source.bytes : new Uint8Array());
      assert.ok(small.length <= 8192, `${small.length} bytes`);
    }
  });

  it('P6: refuses what does not decode', async () => {
    const bytes = Buffer.from(await striped(64, 64, 'png'));
    bytes.fill(0x55, 45, bytes.length - 16);
    await assert.rejects(inspectImage(bytes, { maxSide: 512 }), (error) =>
      isFactoryError(error, 'image.invalid'),
    );
  });
});

describe('the image engine', () => {
  it('Y3: the WebAssembly build under Electron on Linux, the native one elsewhere, by choice any', () => {
    const choose = (platform: string, electron: boolean, wanted?: string): string =>
      chooseSharpBuild({ platform, electron, wanted });
    assert.equal(choose('linux', true), 'wasm');
    assert.equal(choose('linux', false), 'native');
    assert.equal(choose('darwin', true), 'native');
    assert.equal(choose('win32', true), 'native');
    assert.equal(choose('linux', false, 'wasm'), 'wasm');
    assert.equal(choose('linux', true, 'native'), 'native');
  });

  it('Y3: the build that was chosen is the one that is loaded', async () => {
    const wanted = process.env[sharpBuildVariable];
    assert.equal(await loadedSharpBuild(), wanted === 'wasm' ? 'wasm' : 'native');
  });

  it('P6: decodes nothing but PNG, JPEG, WebP and SVG', async () => {
    const sharp = await loadSharp();
    const gif = Buffer.from('R0lGODdhAQABAIAAAAAAAAAAACwAAAAAAQABAAACAkQBADs=', 'base64');
    await assert.rejects(sharp(gif).png().toBuffer());
  });
});
