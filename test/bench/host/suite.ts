/**
 * Runs inside VS Code's extension host: a job of 200 images with the dashboard and the trees open, and how long the
 * host's event loop was held up meanwhile. Writes its numbers as JSON to the file that BENCH_RESULT names.
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { commands, ConfigurationTarget, workspace } from 'vscode';
import type { WorkspaceSession as FactorySession } from '../../../src/extension/workspaceSession.ts';
import type { FakeProviders } from '../../support/providers/script.ts';
import { activeApi, expectSoon } from '../../host/host.ts';

/** Milliseconds between two looks at the loop; what a look is late beyond that is the delay. */
const resolution = 1;

export interface HostResult {
  images: number;
  seconds: number;
  idle: Delay;
  busy: Delay;
}

/** Milliseconds. */
export interface Delay {
  p50: number;
  p99: number;
  max: number;
  /** Processor time that this thread itself used between two looks: without what other programs take. */
  ownP99: number;
  ownMax: number;
}

/** Nanoseconds of processor time of this thread. */
function threadCpu(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) * 1000;
}

async function measured(work: () => Promise<void>): Promise<Delay> {
  const histogram = monitorEventLoopDelay({ resolution });
  const own = createHistogram();
  let before = threadCpu();
  const look = setInterval(() => {
    const now = threadCpu();
    own.record(Math.max(1, now - before));
    before = now;
  }, resolution);
  histogram.enable();
  await work();
  histogram.disable();
  clearInterval(look);
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolution);
  return {
    p50: late(histogram.percentile(50)),
    p99: late(histogram.percentile(99)),
    max: late(histogram.max),
    ownP99: own.percentile(99) / 1e6,
    ownMax: own.max / 1e6,
  };
}

/** A CPU profile of `work`, for who looks for what holds the loop up. */
async function profiled(file: string | undefined, work: () => Promise<void>): Promise<void> {
  if (file === undefined) {
    await work();
    return;
  }
  const session = new Session();
  session.connect();
  const post = (method: string, params?: object): Promise<object> =>
    new Promise((resolve, reject) => {
      session.post(method, params, (error, result) => {
        if (error === null) resolve(result as object);
        else reject(error);
      });
    });
  await post('Profiler.enable');
  await post('Profiler.setSamplingInterval', { interval: 500 });
  await post('Profiler.start');
  await work();
  writeFileSync(file, JSON.stringify(((await post('Profiler.stop')) as { profile: object }).profile));
  session.disconnect();
}

/** Runs a job to its end and says how many images it delivered. */
async function delivered(session: FactorySession, command: 'testWith3Rows' | 'startJob'): Promise<number> {
  const { jobId } = await commands.executeCommand<{ jobId: string }>(`genImageFactory.${command}`);
  return new Promise((resolve) => {
    const listener = session.onFactoryEvent((event) => {
      if (event.kind !== 'job' || event.job.id !== jobId || event.job.status === 'running') return;
      listener.dispose();
      resolve(event.job.approved);
    });
  });
}

export async function run(): Promise<void> {
  const { endpoints, environment } = JSON.parse(process.env['BENCH_PROVIDERS'] ?? '') as FakeProviders;
  // The host is started without the keys of whoever starts it.
  Object.assign(process.env, environment);
  const user = workspace.getConfiguration('genImageFactory');
  for (const [provider, address] of Object.entries(endpoints)) {
    await user.update(`endpoints.${provider}`, address, ConfigurationTarget.Global);
  }
  await user.update('budget.confirmAbove', 1000, ConfigurationTarget.Global);
  const { session } = await activeApi();
  await commands.executeCommand('workbench.view.extension.genImageFactory');
  await commands.executeCommand('genImageFactory.openDashboard');
  const factory = await session.factory();
  // What starts only once, libraries above all, is activation's and the first image's matter.
  await delivered(session, 'testWith3Rows');
  await expectSoon('the end of the first job', () => factory.activeRun() === null);
  const idle = await measured(() => new Promise((resolve) => setTimeout(resolve, 3000)));
  let images = 0;
  const began = performance.now();
  const busy = await measured(() =>
    profiled(process.env['BENCH_PROFILE'], async () => {
      images = await delivered(session, 'startJob');
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const result: HostResult = { images, seconds, idle, busy };
  writeFileSync(process.env['BENCH_RESULT'] ?? '', JSON.stringify(result));
}
