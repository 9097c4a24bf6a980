/** What the engine tells, as a notice for one panel. */
import type { FactoryEvent } from '../../engine/model/events.ts';
import type { Notice } from '../../webviews/protocol.ts';
import type { AddressOf } from './imageViews.ts';
import { toTile } from './imageViews.ts';

export function noticeOf(event: FactoryEvent, addressOf: AddressOf): Notice {
  switch (event.kind) {
    case 'job':
      return { topic: 'job', body: event.job };
    case 'progress':
      return { topic: 'progress', body: { progress: event.progress } };
    case 'image':
      return { topic: 'images', body: [toTile(event.image, addressOf)] };
    case 'log':
      return { topic: 'logs', body: { jobIds: [event.entry.jobId] } };
    case 'run':
      return { topic: 'run', body: event.run };
    case 'queue':
      return { topic: 'queue', body: event.waiting };
    case 'removed':
      return { topic: 'removed', body: { jobIds: event.jobIds, imageIds: event.imageIds } };
    case 'changed':
      return { topic: 'changed', body: {} };
  }
}
