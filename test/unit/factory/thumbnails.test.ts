/** Thumbnails that are gone are made again for who looks at their images. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acceptImage } from '../../../src/engine/images/sniff.ts';
import type { ImageRecord } from '../../../src/engine/model/image.ts';
import type { Agreeing } from '../../support/engine/agreeing.ts';
import { eventOf, first, makeWorkspace, sampleSettings } from './workspace.ts';
import type { Workspace } from './workspace.ts';

describe('thumbnails that are gone', () => {
  let workspace: Workspace;
  let factory: Agreeing;
  beforeEach(async () => {
    workspace = makeWorkspace();
    factory = await workspace.open();
    await factory.start({ settings: sampleSettings({ 'generation.count': 3 }) });
    await factory.runEnded(factory.activeRun()?.id ?? '');
  });
  afterEach(() => workspace.dispose());

  const folder = (): string => join(workspace.root, '.gen-image-factory', 'thumbnails');
  const page = async (): Promise<ImageRecord[]> => (await factory.images({}, 'newest', { limit: 100 })).items;
  /** Ids in the order in which their new thumbnails are told. */
  const told = (count: number): Promise<string[]> =>
    new Promise((resolve) => {
      const ids: string[] = [];
      const off = factory.onEvent((event) => {
        if (event.kind !== 'image' || event.image.thumbnailPath === null) return;
        if (ids.push(event.image.id) < count) return;
        off();
        resolve(ids);
      });
    });

  it('W8: are made again when a view reads their images, the first of the page first', async () => {
    await factory.cleanUp(['thumbnails']);
    assert.deepEqual(readdirSync(folder()), []);
    factory.prepareReading();
    const made = told(3);
    const before = await page();
    assert.deepEqual(
      before.map(({ thumbnailPath }) => thumbnailPath),
      [null, null, null],
    );
    assert.deepEqual(
      await made,
      before.map(({ id }) => id),
    );
    for (const { thumbnailPath } of await page()) {
      const { type, width } = acceptImage(readFileSync(join(workspace.root, thumbnailPath ?? '')));
      assert.deepEqual([type, width], ['webp', 256]);
    }
    assert.equal((await factory.cleanUpSizes()).thumbnails.files, 3);
  });

  it('W8: are made again where the folder was removed by hand', async () => {
    rmSync(folder(), { recursive: true });
    factory.prepareReading();
    const made = told(3);
    await page();
    assert.equal(new Set(await made).size, 3);
    assert.equal(readdirSync(folder()).length, 3);
  });

  it('W8: an image without thumbnail that is looked at alone gets one', async () => {
    const { id } = first(await page());
    await factory.cleanUp(['thumbnails']);
    factory.prepareReading();
    const made = told(1);
    factory.image(id);
    assert.deepEqual(await made, [id]);
    assert.deepEqual(readdirSync(folder()), [`${id}.webp`]);
  });

  it('W8: one whose file makes no thumbnail does not keep the others from theirs', async () => {
    const images = await page();
    await factory.cleanUp(['thumbnails']);
    const [gone, broken, good] = images;
    rmSync(join(workspace.root, gone?.path ?? ''));
    writeFileSync(join(workspace.root, broken?.path ?? ''), 'no picture');
    factory.prepareReading();
    const made = told(1);
    await page();
    assert.deepEqual(await made, [good?.id]);
    // Looked at again, only what may succeed is tried.
    rmSync(join(folder(), `${good?.id ?? ''}.webp`));
    const again = told(1);
    factory.image(good?.id ?? '');
    assert.deepEqual(await again, [good?.id]);
  });

  it('W8: nobody looks: a command that reads a list writes nothing', async () => {
    await factory.cleanUp(['thumbnails']);
    await page();
    factory.image(first(await page()).id);
    await factory.close();
    assert.deepEqual(readdirSync(folder()), []);
  });

  it('M5: what is deleted meanwhile leaves no thumbnail behind', async () => {
    await factory.cleanUp(['thumbnails']);
    factory.prepareReading();
    const images = await page();
    await factory.deleteImages(images.map(({ id }) => id));
    await factory.close();
    assert.deepEqual(readdirSync(folder()), []);
  });

  it('S6: an untrusted workspace is left as it is', async () => {
    await factory.cleanUp(['thumbnails']);
    await factory.close();
    factory = await workspace.open({ readOnly: true });
    factory.prepareReading();
    assert.equal((await page()).length, 3);
    await factory.close();
    assert.deepEqual(readdirSync(folder()), []);
    assert.ok(existsSync(folder()));
  });

  it('F2: a retry goes on with the image whose thumbnail is missing', async () => {
    const { id } = first(await page());
    await factory.cleanUp(['thumbnails']);
    const ended = eventOf(factory, 'image', ({ image }) => image.id === id && image.thumbnailPath !== null);
    await factory.retry({
      imageIds: [id],
      settings: { 'processing.convert': true, 'processing.convertFormat': 'webp' },
      regenerateMetadata: true,
    });
    assert.match((await ended).image.path ?? '', /webp$/);
  });
});
