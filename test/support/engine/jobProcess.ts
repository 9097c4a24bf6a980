/**
 * Works on one job in a process of its own, to be killed at any moment:
 * `node jobProcess.ts '{"root":…,"jobId":…,"services":…}'`. Says "started" when it has the lease and ends with
 * the outcome's status on its standard output.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createControls, openWorkspace, workOnImages, workOnJob } from './workspace.ts';
import type { Services } from './workspace.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';
import { imagesToDo } from '../../../src/engine/store/runs.ts';
import { resetProcessing } from '../../../src/engine/store/images.ts';

export interface JobProcessTask {
  root: string;
  jobId: string;
  services: Services;
  /** A retry that was queued before, instead of the job. */
  retry?: { runId: string; settings: Settings };
}

export interface JobProcess {
  /** Resolves when the work has begun. */
  started: Promise<void>;
  /** Kills at once; resolves when the process is gone. */
  kill(): Promise<void>;
  /** The outcome's status, or null when it was killed. */
  ended: Promise<string | null>;
}

export function startJobProcess(task: JobProcessTask): JobProcess {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  const exit = exitOf(child);
  return {
    started: new Promise((resolve, reject) => {
      child.stdout.on('data', () => output.includes('started') && resolve());
      exit.then(
        () => (output.includes('started') ? resolve() : reject(new Error('It never started.'))),
        reject,
      );
    }),
    kill: async () => {
      child.kill('SIGKILL');
      await exit;
    },
    ended: exit.then(() => /ended (\w+)/.exec(output)?.[1] ?? null),
  };
}

async function exitOf(child: ChildProcess): Promise<void> {
  await once(child, 'exit');
}

async function main(task: JobProcessTask): Promise<void> {
  const workspace = await openWorkspace(task.services, task.root);
  const controls = createControls(workspace);
  await workspace.store.write(controls.lease, (db) => void resetProcessing(db, Date.now()));
  process.stdout.write('started\n');
  const { retry } = task;
  const outcome =
    retry === undefined
      ? await workOnJob(workspace, task.jobId, controls)
      : await workOnImages(
          workspace,
          retry.settings,
          {
            kind: 'retry',
            jobId: task.jobId,
            runId: retry.runId,
            imageIds: workspace.store.read((db) => imagesToDo(db, retry.runId)),
          },
          controls,
        );
  process.stdout.write(`ended ${outcome.status}\n`);
  workspace.store.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(JSON.parse(process.argv[2] ?? '{}') as JobProcessTask);
}
