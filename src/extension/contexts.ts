/** Context keys for `when` and `enablement` clauses; VS Code is told only when a value changes. */
import { commands } from 'vscode';
import type { Disposable } from 'vscode';
import type { Factory } from '../engine/factory.ts';
import { failedImages } from './failedImages.ts';
import type { WorkspaceSession } from './workspaceSession.ts';
import { atMostEvery } from '../engine/model/throttle.ts';

export interface Contexts {
  /** A folder is open and was chosen. */
  hasFolder: boolean;
  /** The folder has a store: a history to work on. */
  hasStore: boolean;
  /** The history is from elsewhere and was not adopted. */
  foreignHistory: boolean;
  /** Any window or process works in this folder. */
  running: boolean;
  /** That work is stopping. */
  stopping: boolean;
  hasJobs: boolean;
  /** Failed images, or slots that ended without one. */
  hasFailedImages: boolean;
  /** Work waits until somebody lets it go on. */
  queueHeld: boolean;
  /** The job history shows a part of the jobs. */
  jobsFiltered: boolean;
}

const lastValues = new Map<string, boolean>();

export function setContext(name: keyof Contexts, value: boolean): void {
  if (lastValues.get(name) === value) return;
  lastValues.set(name, value);
  void commands.executeCommand('setContext', `genImageFactory:${name}`, value);
}

const updateMs = 100;

function isStopping(factory: Factory): boolean {
  const jobId = factory.activeRun()?.jobId ?? null;
  return jobId !== null && factory.job(jobId).stopping;
}

/** Nothing of a history from elsewhere can be let go on. */
function isHeld(factory: Factory): boolean {
  return factory.foreign === null && factory.queue().some((run) => run.status === 'held');
}

/** Keeps the context keys true to the folder, and to the factory while it is open. */
export function registerContexts(session: WorkspaceSession): Disposable[] {
  const update = async (): Promise<void> => {
    try {
      setContext('hasFolder', session.folder() !== null);
      setContext('hasStore', session.hasStore());
      const factory = session.current();
      setContext('foreignHistory', session.foreign);
      setContext('running', factory !== null && factory.activeRun() !== null);
      setContext('stopping', factory !== null && isStopping(factory));
      setContext('queueHeld', factory !== null && isHeld(factory));
      if (factory === null) return;
      setContext('hasJobs', factory.newestJob() !== null);
      const failed = await factory.images(failedImages, 'newest', { limit: 1 });
      setContext('hasFailedImages', failed.items.length > 0 || factory.failedSlotCount() > 0);
    } catch (thrown) {
      // The store was closed or deleted between two events; the next one tells more.
      session.log.debug(`The state of the window could not be read: ${String(thrown)}`);
    }
  };
  const throttle = atMostEvery(updateMs, () => void update());
  void update();
  return [
    throttle,
    session.onDidChange(() => throttle.ask()),
    session.onDidOpen(() => throttle.ask()),
    session.onFactoryEvent((event) => {
      if (event.kind !== 'progress' && event.kind !== 'log') throttle.ask();
    }),
  ];
}
