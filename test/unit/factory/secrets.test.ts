import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import type { FactoryEvent } from '../../../src/engine/model/events.ts';
import { startFakeProviders } from '../../support/providers/fakeProviders.ts';
import type { FakeProviders } from '../../support/providers/fakeProviders.ts';
import { makeWorkspace, sampleSettings } from './workspace.ts';
import type { Workspace } from './workspace.ts';

/** Everything below a folder as text, and the parts of archives and workbooks beside it. */
function textsIn(folder: string): { name: string; text: string }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const name = join(entry.parentPath, entry.name);
      const bytes = readFileSync(name);
      const parts = /\.(xlsx|zip)$/u.test(name) ? [bytes, ...inflated(bytes)] : [bytes];
      return parts.map((part) => ({ name, text: part.toString('latin1') }));
    });
}

/** The deflated parts of an archive, found by their local headers; parts of parts too. */
function inflated(archive: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  const mark = Buffer.from([0x50, 0x4b, 0x03, 0x04]);
  for (let at = archive.indexOf(mark); at >= 0; at = archive.indexOf(mark, at + 4)) {
    const start = at + 30 + archive.readUInt16LE(at + 26) + archive.readUInt16LE(at + 28);
    if (archive.readUInt16LE(at + 8) !== 8) continue;
    const part = inflateRawSync(archive.subarray(start));
    parts.push(part, ...inflated(part));
  }
  return parts;
}

describe('keys of a job', () => {
  let workspace: Workspace;
  let fake: FakeProviders;
  beforeEach(async () => {
    workspace = makeWorkspace();
    fake = await startFakeProviders();
  });
  afterEach(async () => {
    await workspace.dispose();
    await fake.close();
  });

  it('W5: no key is in the store, a log, a snapshot, an export, an event or an error, also when a provider says it', async () => {
    const { openai, runware, removebg } = fake.keys;
    const keys = [openai, runware, removebg];
    const heard: FactoryEvent[] = [];
    const factory = await workspace.open({
      endpoints: fake.endpoints,
      keys: (provider) => Promise.resolve(fake.keys[provider]),
    });
    factory.onEvent((event) => heard.push(event));
    // One image fails with the keys in the words of the service.
    await fake.script({
      kind: 'image',
      contains: 'owl',
      do: 'status',
      status: 400,
      code: 'contentPolicyViolation',
      message: `No. ${keys.join(' ')}`,
    });
    const settings = sampleSettings({
      'provider.image': 'runware',
      'provider.text': 'openai',
      'provider.backgroundRemoval': 'removebg',
      'processing.removeBackground': true,
      'runware.dimensions': '128x128',
      'ai.qualityCheck': true,
      'ai.metadata': true,
      'generation.count': 4,
    });
    const job = await factory.start({ settings });
    const run = await factory.runEnded(factory.activeRun()?.id ?? '');
    assert.ok((await fake.calls()).length > 8, 'The job has called its providers.');
    assert.equal(factory.job(job.id).failed, 1, 'The service has said the keys in a refusal.');
    await factory.exportJob(job.id, {});
    await factory.exportJobs([job.id], {});
    await factory.exportImages({ filter: {} }, { metadata: true });
    await factory.close();

    const texts = textsIn(workspace.root);
    assert.ok(
      texts.some(({ text }) => text.includes('fox')),
      'The search reads what is written.',
    );
    texts.push({ name: 'events', text: JSON.stringify([heard, run]) });
    for (const { name, text } of texts) {
      for (const key of keys) assert.ok(!text.includes(key), `A key is in ${name}.`);
    }
  });
});
