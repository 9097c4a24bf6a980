/**
 * Another window or command on the same workspace: a factory in a process of its own, that can be killed.
 * Started with `startOther`; run by itself, it does what its parent tells it.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openFactory } from '../../../src/engine/factory.ts';
import { agreeing } from '../../support/engine/agreeing.ts';
import { silentLogger } from '../../../src/engine/model/logger.ts';
import type { Factory, FactoryOptions } from '../../../src/engine/factory.ts';
import type { Endpoints } from '../../../src/engine/providers/registry.ts';
import type { JobSummary } from '../../../src/engine/model/job.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';

type Order =
  | { do: 'start'; settings: Settings }
  | { do: 'rerun'; jobIds: string[] }
  | { do: 'settle' }
  | { do: 'close' };

interface Setup {
  root: string;
  endpoints: Endpoints;
  keys: Record<string, string>;
  leaseTiming: NonNullable<FactoryOptions['leaseTiming']>;
}

export interface Other {
  start(settings: Settings): Promise<JobSummary>;
  rerun(jobIds: string[]): Promise<void>;
  /** The process stands still, as a machine that sleeps. */
  freeze(): void;
  thaw(): void;
  /** Resolves when it works on nothing any more. */
  settled(): Promise<void>;
  close(): Promise<void>;
  /** As `kill -9`. */
  kill(): Promise<void>;
}

export async function startOther(setup: Setup): Promise<Other> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(setup)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await answer(child);
  const order = async (what: Order): Promise<unknown> => {
    child.send(what);
    return answer(child);
  };
  const end = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  return {
    start: async (settings) => (await order({ do: 'start', settings })) as JobSummary,
    async rerun(jobIds) {
      await order({ do: 'rerun', jobIds });
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async settled() {
      await order({ do: 'settle' });
    },
    async close() {
      child.send({ do: 'close' });
      await end();
    },
    async kill() {
      child.kill('SIGKILL');
      await end();
    },
  };
}

async function answer(child: ChildProcess): Promise<unknown> {
  const [message] = (await once(child, 'message')) as [{ value?: unknown; error?: string }];
  if (message.error !== undefined) throw new Error(message.error);
  return message.value;
}

async function serve(setup: Setup): Promise<void> {
  const factory = agreeing(
    await openFactory({
      ...setup,
      keys: (provider) => Promise.resolve(setup.keys[provider] ?? null),
      logger: silentLogger,
    }),
  );
  process.on('message', (order: Order) => {
    const work = async (): Promise<unknown> => {
      if (order.do === 'start') return factory.start({ settings: order.settings });
      if (order.do === 'rerun') return factory.rerun(order.jobIds);
      if (order.do === 'settle') return settled(factory);
      await factory.close();
      process.disconnect();
      return null;
    };
    work().then(
      (value) => process.connected && process.send?.({ value }),
      (error: unknown) => process.connected && process.send?.({ error: String(error) }),
    );
  });
  process.send?.({ value: 'open' });
}

/** Asks in every turn, because a run that has lost the workspace ends without a row of its own to wait for. */
async function settled(factory: Pick<Factory, 'ownsActiveRun'>): Promise<void> {
  while (factory.ownsActiveRun()) await nextTurn();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await serve(JSON.parse(process.argv[2] ?? '') as Setup);
}
