/** Export requests: where the file goes is chosen in VS Code's own dialog, so that no view ever names a path. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { FactoryError } from '../../engine/model/errors.ts';
import type { ExportDestination, Handlers } from '../../webviews/protocol.ts';
import type { HandlerContext } from './handlerContext.ts';
import { messages } from '../texts.ts';

type Kind = 'job' | 'jobs' | 'images';

const lastPathKey = 'exports.lastPath';

/** Ids of the chosen destinations; one window's few, so they are kept until it closes. */
const chosen = new Map<string, string>();

const fileNames: Record<Kind, { stem: string; ending: string; label: string }> = {
  job: { stem: 'job_export', ending: 'xlsx', label: 'Excel Workbook' },
  jobs: { stem: 'bulk_export', ending: 'zip', label: 'ZIP Archive' },
  images: { stem: 'images', ending: 'zip', label: 'ZIP Archive' },
};

function destination(path: string): ExportDestination {
  const id = randomUUID();
  chosen.set(id, path);
  return { id, shown: path };
}

export function exportHandlers({
  services,
  exports,
  nativeUi,
}: HandlerContext): Pick<
  Handlers,
  | 'exports.pickDestination'
  | 'exports.lastDestination'
  | 'exports.start'
  | 'exports.list'
  | 'exports.cancel'
  | 'exports.reveal'
> {
  const lastPath = (what: Kind): string | undefined => {
    const kept = services.remember(`${lastPathKey}.${what}`);
    return typeof kept === 'string' ? kept : undefined;
  };
  return {
    'exports.pickDestination': async ({ what }) => {
      const { stem, ending, label } = fileNames[what];
      const last = lastPath(what);
      const root = (await services.factory()).root;
      const path = await nativeUi.askSavePath({
        title: 'Export',
        defaultPath: last ?? join(root, `${stem}.${ending}`),
        filters: { [label]: [ending] },
      });
      if (path === null) return null;
      await services.keep(`${lastPathKey}.${what}`, path);
      return destination(path);
    },
    'exports.lastDestination': ({ what }) => {
      const last = lastPath(what);
      return last === undefined ? null : destination(last);
    },
    'exports.start': async ({ what, destinationId, onConflict }) => {
      const path = destinationId === null ? null : chosen.get(destinationId);
      if (path === undefined) {
        throw new FactoryError('notFound', messages.placeGone());
      }
      const { exportId } = exports.start(await services.factory(), { what, path, onConflict });
      return { exportId };
    },
    'exports.list': () => exports.list(),
    'exports.cancel': ({ exportId }) => exports.cancel(exportId),
    'exports.reveal': async ({ exportId }) => {
      const file = exports.fileOf(exportId);
      if (file === null) throw new FactoryError('notFound', messages.noFinishedFile());
      await nativeUi.reveal(file);
    },
  };
}
