/** Exports that the views began, for every panel: they outlive the view that asked for them. */
import { randomUUID } from 'node:crypto';
import type { ConflictPolicy, ExportControl, Exported, Factory } from '../../engine/factory.ts';
import { leftOutMessage } from '../../engine/model/leftOut.ts';
import type { ExportState, ExportWhat, WireError } from '../../webviews/protocol.ts';
import { inWords } from '../../engine/model/message.ts';

export interface ExportRequest {
  what: ExportWhat;
  /** Absolute path of the file, or null for a unique name in the exports folder. */
  path: string | null;
  onConflict: ConflictPolicy;
}

export interface ExportCenter {
  start(factory: Factory, request: ExportRequest): ExportState;
  /** Running ones and those that ended lately, oldest first. */
  list(): ExportState[];
  cancel(exportId: string): void;
  /** Absolute path of a finished export, or null. */
  fileOf(exportId: string): string | null;
  onChange(listener: (state: ExportState) => void): () => void;
  dispose(): void;
}

/** Ended exports that are still listed, so that a view that comes back can say how they ended. */
const endedKept = 10;

function titleOf(what: ExportWhat): string {
  if (what.kind === 'job') return 'Export of 1 job';
  if (what.kind === 'jobs') return `Export of ${what.jobIds.length.toLocaleString('en-US')} jobs`;
  if ('filter' in what.images) return 'Export of all images that the filter shows';
  const count = what.images.ids.length;
  return count === 1 ? 'Export of 1 image' : `Export of ${count.toLocaleString('en-US')} images`;
}

async function run(factory: Factory, request: ExportRequest, control: ExportControl): Promise<Exported> {
  const { what, path, onConflict } = request;
  const target = path === null ? { onConflict } : { path, onConflict };
  switch (what.kind) {
    case 'job':
      return factory.exportJob(what.jobId, target, control);
    case 'jobs':
      return factory.exportJobs(what.jobIds, target, control);
    case 'images':
      return factory.exportImages(what.images, { ...target, metadata: what.metadata }, control);
  }
}

interface Entry {
  state: ExportState;
  file: string | null;
  controller: AbortController;
}

export function exportCenter(toWire: (thrown: unknown) => WireError): ExportCenter {
  const entries = new Map<string, Entry>();
  const listeners = new Set<(state: ExportState) => void>();

  function update(entry: Entry, change: Partial<ExportState>): void {
    entry.state = { ...entry.state, ...change };
    for (const listener of listeners) listener(entry.state);
  }

  function forgetOld(): void {
    const ended = [...entries.values()].filter((entry) => entry.state.state !== 'running');
    for (const entry of ended.slice(0, -endedKept)) entries.delete(entry.state.exportId);
  }

  async function work(factory: Factory, request: ExportRequest, entry: Entry): Promise<void> {
    try {
      const { path, leftOut } = await run(factory, request, {
        signal: entry.controller.signal,
        onProgress: (progress) => update(entry, progress),
      });
      entry.file = path;
      const note = leftOutMessage(request.what.kind === 'images' ? 'images' : 'jobs', leftOut);
      update(entry, { state: 'done', shown: path, note: note === null ? null : inWords(note) });
    } catch (thrown) {
      if (entry.controller.signal.aborted) update(entry, { state: 'cancelled' });
      else update(entry, { state: 'failed', error: toWire(thrown) });
    }
    forgetOld();
  }

  return {
    start(factory, request) {
      const exportId = randomUUID();
      const state: ExportState = {
        exportId,
        title: titleOf(request.what),
        state: 'running',
        phase: 'Gathering Files',
        done: 0,
        total: 0,
        shown: null,
        note: null,
        error: null,
      };
      const entry: Entry = { state, file: null, controller: new AbortController() };
      entries.set(exportId, entry);
      void work(factory, request, entry);
      return entry.state;
    },
    list: () => [...entries.values()].map((entry) => entry.state),
    cancel(exportId) {
      entries.get(exportId)?.controller.abort();
    },
    fileOf: (exportId) => entries.get(exportId)?.file ?? null,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose() {
      for (const entry of entries.values()) entry.controller.abort();
      listeners.clear();
    },
  };
}
