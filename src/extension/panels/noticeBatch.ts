/** Gathers notices for one view, so that it gets whole values, each once, at most ten times per second. */
import type { ImageTile, Notice } from '../../webviews/protocol.ts';

export const batchIntervalMs = 100;

/** More changed images than this are told as "ask again". */
const mostImages = 300;

export interface NoticeBatch {
  add(notice: Notice): void;
  /** Takes what was gathered; empty when there is nothing. */
  take(): Notice[];
  clear(): void;
}

/** Values with the same key replace each other; lists of ids and images are joined. */
export function noticeBatch(): NoticeBatch {
  let latest = new Map<string, Notice>();
  let images = new Map<string, ImageTile>();
  let logs = new Set<string>();
  let removedJobs = new Set<string>();
  let removedImages = new Set<string>();

  function clear(): void {
    latest = new Map();
    images = new Map();
    logs = new Set();
    removedJobs = new Set();
    removedImages = new Set();
  }

  function add(notice: Notice): void {
    switch (notice.topic) {
      case 'images':
        for (const tile of notice.body) {
          // Deleted and inserted again, so that the newest change comes last.
          images.delete(tile.id);
          images.set(tile.id, tile);
        }
        if (images.size > mostImages) {
          images.clear();
          latest.set('changed', { topic: 'changed', body: {} });
        }
        return;
      case 'logs':
        for (const jobId of notice.body.jobIds) logs.add(jobId);
        return;
      case 'removed':
        for (const jobId of notice.body.jobIds) removedJobs.add(jobId);
        for (const imageId of notice.body.imageIds) {
          removedImages.add(imageId);
          images.delete(imageId);
        }
        return;
      case 'job':
        latest.set(`job ${notice.body.id}`, notice);
        return;
      case 'run':
        latest.set(`run ${notice.body.id}`, notice);
        return;
      case 'export':
        latest.set(`export ${notice.body.exportId}`, notice);
        return;
      default:
        latest.set(notice.topic, notice);
    }
  }

  function take(): Notice[] {
    const notices = [...latest.values()];
    if (images.size > 0) notices.push({ topic: 'images', body: [...images.values()] });
    if (logs.size > 0) notices.push({ topic: 'logs', body: { jobIds: [...logs] } });
    if (removedJobs.size > 0 || removedImages.size > 0) {
      notices.push({
        topic: 'removed',
        body: { jobIds: [...removedJobs], imageIds: [...removedImages] },
      });
    }
    clear();
    return notices;
  }

  return { add, take, clear };
}
