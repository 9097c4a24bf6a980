/**
 * The contract between the extension and its webviews. Views pull by requests, the host pushes notices that are
 * whole values or invalidations, never deltas. Views name things by id, never by path; keys never cross.
 * Types and light parsing only: both sides import this file.
 */
import type {
  ConflictPolicy,
  DeleteResult,
  ExportPhase,
  JobDetails,
  Page,
  PageRequest,
  RemoverChange,
} from '../engine/factory.ts';
import type { ErrorCode, Problem } from '../engine/model/errors.ts';
import type { LogEntry, RunSummary } from '../engine/model/events.ts';
import type { FailedSlot, ImageCounts, ImageFilter, ImageRecord, ImageSort } from '../engine/model/image.ts';
import type {
  JobFilter,
  JobInputs,
  JobSort,
  JobStatistics,
  JobSummary,
  Progress,
} from '../engine/model/job.ts';
import type { Cost } from '../engine/model/money.ts';
import type { JobSlot } from '../engine/model/slot.ts';
import type { JobStatus } from '../engine/model/status.ts';
import type { Remedy } from '../engine/providers/remedies.ts';
import type { KeyedProvider } from '../engine/providers/registry.ts';
import type { Settings } from '../engine/settings/settings.ts';

export const viewNames = ['dashboard', 'gallery', 'jobs', 'job', 'failed', 'settings'] as const;
export type ViewName = (typeof viewNames)[number];

/** Panel titles, and the words of every menu entry that opens one. */
export const viewTitles: Record<ViewName, string> = {
  dashboard: 'Gen Image Factory',
  gallery: 'Gallery',
  jobs: 'Job Management',
  job: 'Job',
  failed: 'Failed Images Review',
  settings: 'Settings',
};

/** What a panel was opened at; kept with its state, so that it comes back after a reload. */
export interface ViewTarget {
  jobId?: string;
  imageId?: string;
  /** Setting key to scroll to and focus. */
  field?: string;
}

/** Where the window stands: what may be done, and why not. */
export interface SessionState {
  /** Name of the workspace folder; null when none is open. */
  folder: string | null;
  trusted: boolean;
  /** From the store: read-only, or set aside. Null when all is well. */
  notice: string | null;
  /** The store is from elsewhere: it can be looked at, and adopted. */
  foreign: boolean;
  /** BCP 47 tag of the window's language. */
  language: string;
  /** `advanced.debugMode`: whether the log offers Debug. */
  debugMode: boolean;
}

/** An image as grids and lists need it. */
export interface ImageTile extends Pick<
  ImageRecord,
  | 'seq'
  | 'id'
  | 'jobId'
  | 'jobLabel'
  | 'generation'
  | 'variation'
  | 'status'
  | 'failure'
  | 'softFailures'
  | 'qcReason'
  | 'title'
  | 'tags'
  | 'seed'
  | 'width'
  | 'height'
  | 'bytes'
  | 'costMicroUsd'
  | 'createdAt'
  | 'provider'
> {
  /** At most `excerptLength` characters. */
  promptExcerpt: string;
  /** Address of the thumbnail inside the view, or null. */
  thumbnail: string | null;
  /** Name of the delivered file, or null before delivery. */
  fileName: string | null;
  /** Whether there is an image to show, approve or export (delivered or original). */
  hasFile: boolean;
}

export const excerptLength = 300;

/** What an element of a view shows, as its template says it; `when` clauses of package.json read it too. */
export type Subject =
  | { webviewSection: 'image'; imageId: string }
  | { webviewSection: 'job'; jobId: string; jobStatus: JobStatus };

/** What a context menu is about, for its commands: what lies under the pointer, and all that were chosen with it. */
export type MenuContext = Subject & {
  /** The one under the pointer alone, unless it is one of several chosen. */
  ids: readonly string[];
  preventDefaultContextMenuItems: true;
};

/** The run that is to end, by itself or by its job: when it has ended meanwhile, no other is stopped in its place. */
export type Stoppable = { jobId: string } | { runId: string };

/** An image with everything that the viewer shows. Paths are for reading only and never come back. */
export interface ImageView extends ImageTile {
  prompt: string;
  keyword: Record<string, string>;
  keywordRow: number;
  model: string;
  description: string | null;
  timings: ImageRecord['timings'];
  processing: Record<string, unknown>;
  path: string | null;
  signature: ImageRecord['signature'];
  /** Address of the full image (delivered, else original), or null. */
  image: string | null;
  /** Address of the provider's bytes, where they are kept and differ from `image`. */
  original: string | null;
}

/** What Start would do, for the line beside the button. */
export interface PlanSummary {
  rowCount: number;
  generations: number;
  images: number;
  estimate: Cost;
  pricesAsOf: string;
  problems: Problem[];
  warnings: string[];
  imageProvider: string;
  keywordsFile: string;
}

export interface KeyState {
  provider: KeyedProvider;
  source: 'stored' | 'environment' | 'missing';
  /** Host name that the key is used with. */
  endpoint: string;
}

export type SettingSource = 'default' | 'user' | 'remote' | 'workspace' | 'folder';

export interface SettingsState {
  values: Settings;
  /** Where each effective value comes from. */
  sources: Record<string, SettingSource>;
  /** Configured values that cannot be used; `values` has what stands in for them. */
  problems: Problem[];
  /** Changes that were not saved when the panel last closed; null without any. */
  draft: Partial<Settings> | null;
}

export type ImageChoice = { ids: readonly string[] } | { filter: ImageFilter };

export type ExportWhat =
  | { kind: 'job'; jobId: string }
  | { kind: 'jobs'; jobIds: readonly string[] }
  | { kind: 'images'; images: ImageChoice; metadata: boolean };

/** A custom location is chosen in VS Code's own dialog; the view gets an id and words for it. */
export interface ExportDestination {
  id: string;
  /** For reading: folder and file name. */
  shown: string;
}

export interface ExportState {
  exportId: string;
  title: string;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  phase: ExportPhase;
  done: number;
  total: number;
  /** The finished file, for reading. */
  shown: string | null;
  /** What it could not take along, in words. */
  note: string | null;
  error: WireError | null;
}

export type InputName = keyof JobInputs;

/** Without anything to say. */
export type Nothing = Record<string, never>;

interface Ask<P, R> {
  params: P;
  result: R;
}

/** Requests that a view may send: what they say, and the answer. */
export interface Requests {
  'session.get': Ask<Nothing, SessionState>;
  'view.open': Ask<{ view: ViewName; target?: ViewTarget }, void>;
  'remedy.apply': Ask<{ remedy: Remedy }, void>;
  'text.copy': Ask<{ text: string }, void>;

  'jobs.page': Ask<{ filter: JobFilter; sort: JobSort; page: PageRequest }, Page<JobSummary>>;
  'jobs.count': Ask<{ filter: JobFilter }, number>;
  'jobs.ids': Ask<{ filter: JobFilter }, string[]>;
  'job.get': Ask<{ jobId: string }, JobDetails>;
  /** The text of a keyword or prompt file as it was when the job was planned; null where there was none. */
  'job.document': Ask<{ jobId: string; input: InputName }, { path: string; content: string } | null>;
  'job.openInput': Ask<{ jobId: string; input: InputName }, void>;
  'job.rename': Ask<{ jobId: string; label: string }, JobSummary>;
  'job.editSettings': Ask<{ jobId: string; settings: Settings }, { problems: Problem[] }>;
  'statistics.get': Ask<Nothing, JobStatistics>;
  'progress.get': Ask<Nothing, { progress: Progress | null; run: RunSummary | null; job: JobSummary | null }>;

  'plan.get': Ask<Nothing, PlanSummary>;
  /** Asks before it costs; null when the user said no. */
  'job.start': Ask<Nothing, { jobId: string } | null>;
  'job.startSample': Ask<Nothing, { jobId: string } | null>;
  'job.stop': Ask<Stoppable, void>;
  'job.forceStop': Ask<Stoppable, boolean>;
  /** As planned, or with another service than one that has ended; false when the user said no. */
  'job.resume': Ask<{ jobId: string; changes?: RemoverChange }, boolean>;
  'jobs.rerun': Ask<{ jobIds: readonly string[] }, boolean>;
  'job.rerunWithChanges': Ask<{ jobId: string; changes: Partial<Settings> }, boolean>;
  'jobs.delete': Ask<{ jobIds: readonly string[] }, DeleteResult | null>;
  'queue.get': Ask<Nothing, RunSummary[]>;
  'queue.remove': Ask<{ runIds: readonly string[] }, void>;
  'queue.continue': Ask<Nothing, boolean>;
  /** The same for a retry or an approval that stands still. */
  'run.continueWith': Ask<{ runId: string; changes: RemoverChange }, boolean>;

  'images.page': Ask<{ filter: ImageFilter; sort: ImageSort; page: PageRequest }, Page<ImageTile>>;
  'images.counts': Ask<{ filter: ImageFilter }, ImageCounts>;
  'images.ids': Ask<{ filter: ImageFilter }, string[]>;
  'image.get': Ask<{ imageId: string }, ImageView>;
  'image.editMetadata': Ask<
    { imageId: string; title?: string; description?: string; tags?: string[] },
    ImageView
  >;
  'image.open': Ask<{ imageId: string }, void>;
  'image.reveal': Ask<{ imageId: string }, void>;
  'image.copyPath': Ask<{ imageId: string }, void>;
  'images.delete': Ask<{ imageIds: readonly string[] }, DeleteResult | null>;
  'images.approve': Ask<{ imageIds: readonly string[] }, boolean>;
  /** The same some seconds after the last of several, as one run; false when it was taken back. */
  'images.approveSoon': Ask<{ imageIds: readonly string[] }, boolean>;
  'approvals.undo': Ask<Nothing, void>;
  'images.retry': Ask<
    {
      imageIds: readonly string[];
      settings: 'original' | Partial<Settings>;
      regenerateMetadata: boolean;
    },
    boolean
  >;
  'failures.groups': Ask<{ filter: ImageFilter }, { reason: string; code: string; count: number }[]>;
  'slots.failed': Ask<{ jobId?: string; page: PageRequest }, Page<FailedSlot>>;
  'slots.generateAgain': Ask<{ slots: readonly JobSlot[] }, boolean>;
  /** Brings back what the last delete removed. */
  'trash.undo': Ask<{ trashId: string }, { jobs: number; images: number }>;

  'logs.page': Ask<{ jobId: string; debug: boolean; afterSeq?: number; limit: number }, LogEntry[]>;
  /** VS Code's own save dialog; false when it was closed. */
  'logs.save': Ask<{ jobId: string; debug: boolean }, boolean>;

  'exports.pickDestination': Ask<{ what: 'job' | 'jobs' | 'images' }, ExportDestination | null>;
  /** The last custom location, offered again. */
  'exports.lastDestination': Ask<{ what: 'job' | 'jobs' | 'images' }, ExportDestination | null>;
  'exports.start': Ask<
    { what: ExportWhat; destinationId: string | null; onConflict: ConflictPolicy },
    { exportId: string }
  >;
  'exports.list': Ask<Nothing, ExportState[]>;
  'exports.cancel': Ask<{ exportId: string }, void>;
  'exports.reveal': Ask<{ exportId: string }, void>;

  'settings.get': Ask<Nothing, SettingsState>;
  /** Problems with these values, files and folders checked too. */
  'settings.check': Ask<{ values: Partial<Settings> }, { problems: Problem[]; rowCount: number | null }>;
  'settings.save': Ask<{ changes: Partial<Settings> }, { problems: Problem[] }>;
  /** Asks whether to keep the API keys; false when the user said no. */
  'settings.reset': Ask<Nothing, boolean>;
  'settings.keepDraft': Ask<{ draft: Partial<Settings> | null }, void>;
  /** VS Code's own file or folder dialog; the value to store, or null. */
  'settings.pickPath': Ask<{ key: string }, string | null>;
  'settings.openFile': Ask<{ key: string }, void>;
  'settings.openNative': Ask<{ key: string | null }, void>;
  'keys.states': Ask<Nothing, KeyState[]>;
  /** VS Code's own password box; the states afterwards. */
  'keys.set': Ask<{ provider: KeyedProvider }, KeyState[]>;
  'keys.clear': Ask<{ provider: KeyedProvider }, KeyState[]>;
  'keys.test': Ask<{ provider: KeyedProvider }, { ok: boolean; message: string }>;
}

export type Method = keyof Requests;
export type Params<M extends Method> = Requests[M]['params'];
export type Result<M extends Method> = Requests[M]['result'];

/** What the host pushes, at most ten batches per second and view. */
export interface Notices {
  session: SessionState;
  progress: { progress: Progress | null };
  job: JobSummary;
  /** A run began, went on or ended. */
  run: RunSummary;
  queue: RunSummary[];
  /** New or changed images, the newest last. */
  images: ImageTile[];
  /** There are new log rows of these jobs. */
  logs: { jobIds: string[] };
  removed: { jobIds: string[]; imageIds: string[] };
  /** Many rows changed, or notices were missed: ask again. */
  changed: Nothing;
  export: ExportState;
  settings: Nothing;
  keys: Nothing;
  /** The panel was opened again at another place. */
  target: ViewTarget;
}
export type Topic = keyof Notices;
export type Notice = { [T in Topic]: { topic: T; body: Notices[T] } }[Topic];

export interface WireError {
  code: ErrorCode;
  message: string;
  problems: Problem[];
  /** Most helpful first. */
  remedies: Remedy[];
}

export type ToHost =
  | { kind: 'ready' }
  | { kind: 'request'; id: number; method: Method; params: unknown }
  | { kind: 'cancel'; id: number };

export type ToView =
  | { kind: 'response'; id: number; ok: true; result: unknown }
  | { kind: 'response'; id: number; ok: false; error: WireError }
  /** `rev` counts batches; a gap says that something was missed. */
  | { kind: 'notices'; rev: number; notices: Notice[] };

/** A handler for each request: a missing one does not compile. */
export type Handlers = {
  [M in Method]: (params: Params<M>, signal: AbortSignal) => Result<M> | Promise<Result<M>>;
};

/** What JSON calls an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A message from the host, or null for anything else that reaches the window (the page shares its channel). */
export function parseToView(value: unknown): ToView | null {
  if (!isRecord(value)) return null;
  if (value['kind'] === 'response' && Number.isSafeInteger(value['id'])) {
    const ok = value['ok'] === true;
    return ok || isRecord(value['error']) ? (value as ToView) : null;
  }
  if (value['kind'] === 'notices' && Number.isSafeInteger(value['rev']) && Array.isArray(value['notices'])) {
    const sound = value['notices'].every((notice) => isRecord(notice) && typeof notice['topic'] === 'string');
    return sound ? (value as ToView) : null;
  }
  return null;
}
