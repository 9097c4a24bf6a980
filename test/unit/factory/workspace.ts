/** A workspace folder in the system's temporary folder, with a factory on it that needs no key and no network. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openFactory } from '../../../src/engine/factory.ts';
import type { Factory, FactoryOptions } from '../../../src/engine/factory.ts';
import { agreeing } from '../../support/engine/agreeing.ts';
import type { Agreeing } from '../../support/engine/agreeing.ts';
import type { FactoryEvent } from '../../../src/engine/model/events.ts';
import { silentLogger } from '../../../src/engine/model/logger.ts';
import { defaultSettings } from '../../../src/engine/settings/settings.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import { fakeEndpoints } from '../../support/providers/fakes.ts';

export interface Workspace {
  root: string;
  /** Absolute path of a file; its folders are made. */
  write(path: string, content: string | Uint8Array): string;
  open(options?: Partial<FactoryOptions>): Promise<Agreeing>;
  /** Closes what was opened and removes the folder. */
  dispose(): Promise<void>;
}

/** With `keywords.csv` of four rows. */
export function makeWorkspace(): Workspace {
  const root = mkdtempSync(join(tmpdir(), 'factory-factory-'));
  const opened: Factory[] = [];
  const write = (path: string, content: string | Uint8Array): string => {
    const absolute = join(root, path);
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, content);
    return absolute;
  };
  write('keywords.csv', 'Animal,Place\nfox,forest\ncat,roof\nowl,tower\nhare,field\n');
  return {
    root,
    write,
    async open(options = {}) {
      const factory = await openFactory({
        root,
        endpoints: fakeEndpoints(),
        keys: () => Promise.resolve(null),
        logger: silentLogger,
        leaseTiming: { heartbeatMs: 50, staleMs: 3000 },
        ...options,
      });
      opened.push(factory);
      return agreeing(factory);
    },
    async dispose() {
      for (const factory of opened) await factory.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A job of the sample provider: small images, no check, no description, so that a run takes a moment only. */
export function sampleSettings(changes: Partial<Settings> = {}): Settings {
  return {
    ...defaultSettings(),
    'provider.image': 'sample',
    'provider.text': 'sample',
    'files.keywordsFile': 'keywords.csv',
    'ai.qualityCheck': false,
    'ai.metadata': false,
    'generation.count': 2,
    ...changes,
  };
}

/** The first event that fits. */
export function eventOf<K extends FactoryEvent['kind']>(
  factory: Pick<Factory, 'onEvent'>,
  kind: K,
  fits: (event: Extract<FactoryEvent, { kind: K }>) => boolean = () => true,
): Promise<Extract<FactoryEvent, { kind: K }>> {
  return new Promise((resolve) => {
    const off = factory.onEvent((event) => {
      if (event.kind !== kind || !fits(event as Extract<FactoryEvent, { kind: K }>)) return;
      off();
      resolve(event as Extract<FactoryEvent, { kind: K }>);
    });
  });
}

/** The first of a list that must not be empty. */
export function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error('The list is empty.');
  return item;
}
