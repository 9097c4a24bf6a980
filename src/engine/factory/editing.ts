/** Changes that people make: labels, settings, descriptions, the queue, deleting, cleaning up. */
import { FactoryError } from '../model/errors.ts';
import { cleanUp, cleanUpSizes } from '../store/cleanUp.ts';
import type { JobSummary } from '../model/job.ts';
import { restoreImages } from '../queue/queueImages.ts';
import { cancelQueued } from '../queue/queueJobs.ts';
import { planError } from '../planning/plan.ts';
import { limitsOf } from '../providers/limits.ts';
import { checkSettings, checkValue } from '../settings/settings.ts';
import { queueEvent } from '../store/asEvents.ts';
import { getImage, updateImage } from '../store/images.ts';
import { editJobSettings, getJob, isJob, renameJob } from '../store/jobs.ts';
import { wholeId } from '../store/ids.ts';
import { readEach } from '../store/readEach.ts';
import { renameRuns, waitingRuns } from '../store/runs.ts';
import type { Emit, Reader, Writer } from '../store/store.ts';
import { deleteImages, deleteJobs, undoDelete } from '../store/trash.ts';
import { refuseReadOnly } from './active.ts';
import type { Factory } from './contract.ts';
import type { FactorySession } from './factorySession.ts';
import { messages } from './messages.ts';

export type Editing = Pick<
  Factory,
  | 'rename'
  | 'editSettings'
  | 'editMetadata'
  | 'deleteJobs'
  | 'deleteImages'
  | 'undoDelete'
  | 'cleanUpSizes'
  | 'cleanUp'
  | 'removeFromQueue'
  | 'findInterrupted'
>;

/** Longest texts that an image may be described with. */
const metadataLimits = { title: 500, description: 10_000, tag: 200, tags: 200 } as const;

export function createEditing(session: FactorySession): Editing {
  const { store, files, now } = session;
  const trash = { store, files, now };

  /** A label is also that of the job's images and runs. */
  const emitJob = (db: Reader, emit: Emit, job: JobSummary): void => {
    emit({ kind: 'job', job });
    emit({ kind: 'changed' });
    emit(queueEvent(db));
  };

  return {
    rename(jobId, label) {
      refuseReadOnly(session);
      const wanted = label.trim();
      const problem =
        wanted === ''
          ? {
              key: 'job.label',
              file: null,
              line: null,
              column: null,
              told: messages.labelEmpty(),
              allowed: messages.labelLength(),
            }
          : checkValue('job.label', wanted);
      if (problem !== null) throw planError([problem]);
      return store.edit((db, emit) => {
        const job = relabel(db, getJob(db, jobId, now()).id, wanted, now());
        emitJob(db, emit, job);
        return job;
      });
    },

    editSettings(jobId, settings) {
      refuseReadOnly(session);
      const problems = checkSettings(settings, limitsOf);
      if (problems.length > 0) throw planError(problems);
      store.edit((db, emit) => {
        const job = getJob(db, jobId, now());
        editJobSettings(db, job.id, settings);
        const label = settings['job.label'].trim();
        if (label !== '' && label !== job.ownLabel) relabel(db, job.id, label, now());
        emitJob(db, emit, getJob(db, job.id, now()));
      });
    },

    editMetadata(imageId, metadata) {
      refuseReadOnly(session);
      const change = {
        ...(metadata.title === undefined ? {} : { title: bounded('title', metadata.title) }),
        ...(metadata.description === undefined
          ? {}
          : { description: bounded('description', metadata.description) }),
        ...(metadata.tags === undefined ? {} : { tags: boundedTags(metadata.tags) }),
      };
      return store.edit((db, emit) => {
        const { id } = getImage(db, imageId);
        updateImage(db, id, change, now());
        const image = getImage(db, id);
        emit({ kind: 'image', image });
        return image;
      });
    },

    async deleteJobs(jobIds) {
      refuseReadOnly(session);
      const ids = await readEach(store, jobIds, (db, id) => wholeId(db, 'jobs', id));
      const imageIds = ids.length === 0 ? [] : await session.reads.imageIds({ jobIds: ids });
      return deleteJobs(trash, ids, imageIds);
    },

    async deleteImages(imageIds) {
      refuseReadOnly(session);
      const ids = await readEach(store, imageIds, (db, id) => wholeId(db, 'images', id));
      return deleteImages(trash, ids);
    },

    async undoDelete(trashId) {
      refuseReadOnly(session);
      return undoDelete(trash, trashId);
    },

    cleanUpSizes: () => cleanUpSizes(trash),

    async cleanUp(kinds) {
      refuseReadOnly(session);
      await cleanUp(trash, kinds);
    },

    async removeFromQueue(runIds) {
      refuseReadOnly(session);
      // Images of a cancelled retry are what they were.
      const wanted = new Set(runIds);
      const ofImages = store
        .read(waitingRuns)
        .filter(({ id, kind }) => wanted.has(id) && (kind === 'retry' || kind === 'approve'));
      await restoreImages(
        store,
        ofImages.map(({ id }) => id),
        now,
      );
      await cancelQueued(store, runIds, now());
    },

    findInterrupted() {
      session.reconcile();
      return store.read((db) =>
        waitingRuns(db)
          .filter((run) => run.status === 'held' && run.damaged === undefined)
          .flatMap(({ jobId }) => (jobId !== null && isJob(db, jobId) ? [getJob(db, jobId, now())] : []))
          .filter((job) => job.status === 'interrupted' && job.damaged === undefined),
      );
    },
  };
}

function relabel(db: Writer, jobId: string, label: string, now: number): ReturnType<typeof getJob> {
  renameJob(db, jobId, label);
  const job = getJob(db, jobId, now);
  renameRuns(db, jobId, job.label);
  return job;
}

function bounded(name: 'title' | 'description', text: string): string {
  const limit = metadataLimits[name];
  const trimmed = text.trim();
  if (trimmed.length <= limit) return trimmed;
  const label = name === 'title' ? messages.theTitle() : messages.theDescription();
  throw new FactoryError('input.invalid', messages.textTooLong({ label, length: trimmed.length, limit }));
}

/** Without blanks and repetitions, in the order in which they were given. */
function boundedTags(tags: readonly string[]): string[] {
  const kept = [...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== ''))];
  if (kept.length > metadataLimits.tags) {
    throw new FactoryError(
      'input.invalid',
      messages.tooManyTags({ count: kept.length, limit: metadataLimits.tags }),
    );
  }
  const long = kept.find((tag) => tag.length > metadataLimits.tag);
  if (long === undefined) return kept;
  throw new FactoryError(
    'input.invalid',
    messages.tagTooLong({ tag: long.slice(0, 40), limit: metadataLimits.tag }),
  );
}
