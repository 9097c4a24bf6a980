/**
 * The fake providers in a process of their own, so that killing the product leaves them alive:
 * `const fake = await spawnFakeProviders({…})`, with the same handle as in one process. By hand:
 * `node test/support/providers/standalone.ts '{"latency":{"image":500}}'` prints addresses and keys as JSON.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startFakeProviders } from './fakeProviders.ts';
import type { Call, Charge, FakeOptions, FakeProviders } from './script.ts';

type Operation =
  'script' | 'clearFaults' | 'change' | 'calls' | 'charges' | 'paidTwice' | 'waitForCalls' | 'close';
interface Request {
  id: number;
  operation: Operation;
  values: unknown[];
}
interface Answer {
  id: number;
  value: unknown;
}
type Greeting = Pick<FakeProviders, 'endpoints' | 'keys' | 'environment' | 'ports'>;

export async function spawnFakeProviders(options: FakeOptions = {}): Promise<FakeProviders> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (value: unknown) => void>();
  const greeting = await new Promise<Greeting>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The fake providers ended with ${String(code)}.`)));
    child.once('message', (message) => resolve(message as Greeting));
  });
  child.on('message', (message) => {
    const { id, value } = message as Answer;
    waiting.get(id)?.(value);
    waiting.delete(id);
  });
  let next = 1;
  const ask = <T>(operation: Operation, ...values: unknown[]): Promise<T> =>
    new Promise((resolve, reject) => {
      const id = next++;
      waiting.set(id, resolve as (value: unknown) => void);
      child.send({ id, operation, values } satisfies Request, (error) => {
        if (error !== null) reject(error);
      });
    });
  return {
    ...greeting,
    script: (...faults) => ask('script', ...faults),
    clearFaults: () => ask('clearFaults'),
    change: (changed) => ask('change', changed),
    calls: (filter) => ask<Call[]>('calls', filter),
    charges: (filter) => ask<Charge[]>('charges', filter),
    paidTwice: () => ask<Charge[]>('paidTwice'),
    waitForCalls: (kind, count) => ask('waitForCalls', kind, count),
    close: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) {
          resolve();
          return;
        }
        child.once('exit', () => resolve());
        void ask('close');
      }),
  };
}

async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? '{}') as FakeOptions;
  const fake = await startFakeProviders(options);
  const { endpoints, keys, environment, ports } = fake;
  const greeting = { endpoints, keys, environment, ports };
  if (process.send === undefined) {
    process.stdout.write(`${JSON.stringify(greeting, null, 2)}\n`);
    return;
  }
  const operations: Record<Operation, (...values: never[]) => Promise<unknown>> = fake;
  process.on('message', (message) => {
    const { id, operation, values } = message as Request;
    void operations[operation](...(values.map((value) => value ?? undefined) as never[])).then((value) => {
      if (operation === 'close') process.disconnect();
      else process.send?.({ id, value: value ?? null } satisfies Answer);
    });
  });
  // Without the one who asked there is nobody left to serve.
  process.on('disconnect', () => process.exit(0));
  process.send(greeting);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
