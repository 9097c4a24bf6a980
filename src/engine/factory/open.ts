/** Opens the engine on a workspace folder and puts its parts together. */
import { createExecutor } from '../queue/executor.ts';
import { finishTrash, purgeTrash, trashKept } from '../store/trash.ts';
import { refuseReadOnly } from './active.ts';
import type { Factory, FactoryOptions } from './contract.ts';
import { createContinuing } from './continuing.ts';
import { createEditing } from './editing.ts';
import { createExporting } from './exporting.ts';
import { createGeneratingAgain } from './generatingAgain.ts';
import { createImageActions } from './images.ts';
import { providersFor } from './providers.ts';
import { createQueries } from './queries.ts';
import { createResuming } from './resuming.ts';
import { openFactorySession } from './factorySession.ts';
import type { FactorySession } from './factorySession.ts';
import { createStarting, planRequest, requestOf } from './starting.ts';
import { createThumbnails } from './thumbnails.ts';
import { messages } from './messages.ts';

/**
 * Opens the factory. Work that a dead owner left is marked as interrupted, and nothing is started by itself.
 * Fails with `store.unavailable`, `disk.unwritable` or `disk.full`.
 */
export async function openFactory(options: FactoryOptions): Promise<Factory> {
  const session = await openFactorySession(options, (open) =>
    createExecutor({
      files: open.files,
      store: open.store,
      plan: (contents) => planRequest(open, requestOf(contents)),
      providers: providersFor(options),
      maxCostPerJob: options.maxCostPerJob ?? ((): number => 0),
      now: open.now,
    }),
  );
  const { store, queue, events } = session;
  const closing = new AbortController();
  const thumbnails = createThumbnails(session);
  if (!store.readOnly) void tidy(session, closing.signal);
  checkLater(session, closing.signal);

  return {
    root: options.root,
    notice: store.notice,
    foreign: store.foreign,
    onEvent: (listener) => events.on(listener),
    ...createQueries(session, thumbnails),
    ...createStarting(session),
    ...createResuming(session),
    ...createContinuing(session),
    ...createImageActions(session),
    ...createGeneratingAgain(session),
    ...createEditing(session),
    ...createExporting(session),
    stop: () => requestStop(session, 'stop'),
    forceStop: () => requestStop(session, 'force'),
    runEnded: (runId) => queue.ended(runId),
    async close() {
      closing.abort();
      await thumbnails.close();
      await session.close();
    },
  };
}

/** Resolves when the stop is written down; the owner of the run, here or elsewhere, obeys it. */
function requestStop(session: FactorySession, how: 'stop' | 'force'): Promise<void> {
  return new Promise((resolve) => {
    refuseReadOnly(session);
    session.queue.stop(how);
    resolve();
  });
}

/** Long enough for a short command to have ended. */
const checkDelayMs = 3000;

/** The full check of a store that was not closed: off this thread, and not for a command that only reads a list. */
function checkLater(session: FactorySession, closing: AbortSignal): void {
  const { store } = session;
  const logger = session.logger.scope('store');
  if (store.readOnly || !store.endedUncleanly) return;
  const timer = setTimeout(() => {
    store.checkIntegrity().then(
      (problems) => {
        if (problems.length > 0) logger.error(messages.storeDamaged({ problems: problems.join('; ') }));
      },
      (error: unknown) => {
        if (!closing.aborted) logger.warn(messages.notChecked({ reason: String(error) }));
      },
    );
  }, checkDelayMs);
  timer.unref();
  closing.addEventListener('abort', () => clearTimeout(timer), { once: true });
}

/** Deletions that a crash cut short are finished, and what has been in the trash for 30 days goes for good (M5). */
async function tidy({ store, files, logger, now }: FactorySession, closing: AbortSignal): Promise<void> {
  try {
    const trash = { store, files, now };
    await finishTrash(trash);
    if (!closing.aborted) await purgeTrash(trash, now() - trashKept);
  } catch (error) {
    // It is tried again at the next opening; nothing of the user's waits for it.
    if (!closing.aborted) logger.warn(messages.notTidied({ reason: String(error) }));
  }
}
