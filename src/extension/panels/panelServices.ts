/**
 * What panels need from the rest of the extension: the open factory, and the actions that ask the user. Commands and
 * trees use the same actions, so that a question is asked in the same words wherever it comes from.
 */
import type { Approvals } from '../actions/approvals.ts';
import type { Uri } from 'vscode';
import type { DeleteResult, Factory, JobPlan, RemoverChange, RetryRequest } from '../../engine/factory.ts';
import type { Problem } from '../../engine/model/errors.ts';
import type { FactoryEvent } from '../../engine/model/events.ts';
import type { JobSlot } from '../../engine/model/slot.ts';
import type { Remedy } from '../../engine/providers/remedies.ts';
import type { KeyedProvider } from '../../engine/providers/registry.ts';
import type { Settings } from '../../engine/settings/settings.ts';
import type {
  KeyState,
  SessionState,
  SettingSource,
  Stoppable,
  ViewName,
  ViewTarget,
} from '../../webviews/protocol.ts';

/** What ends a listening; VS Code's Disposable is one. */
export interface Subscription {
  dispose(): void;
}

/** Actions that ask first, then act; they throw FactoryError, and answer null or false when the user said no. */
export interface Actions {
  startJob(): Promise<{ jobId: string } | null>;
  startSampleJob(): Promise<{ jobId: string } | null>;
  stopJob(what: Stoppable): Promise<void>;
  forceStopJob(what: Stoppable): Promise<boolean>;
  resumeJob(jobId: string, changes?: RemoverChange): Promise<boolean>;
  continueWith(runId: string, changes: RemoverChange): Promise<boolean>;
  continueQueue(): Promise<boolean>;
  rerunJobs(jobIds: readonly string[], changes?: Partial<Settings>): Promise<boolean>;
  /** One confirmation with the counts; afterwards a notification with Undo. */
  deleteJobs(jobIds: readonly string[]): Promise<DeleteResult | null>;
  deleteImages(imageIds: readonly string[]): Promise<DeleteResult | null>;
  approveImages(imageIds: readonly string[]): Promise<boolean>;
  /** Approvals by key, which can be taken back for a moment. */
  readonly approvals: Approvals;
  retryImages(request: RetryRequest): Promise<boolean>;
  generateAgain(slots: readonly JobSlot[]): Promise<boolean>;
  applyRemedy(remedy: Remedy): Promise<void>;
}

/** The folder's configuration, as the settings editor needs it. */
export interface SettingsAccess {
  values(): Settings;
  /** What is wrong with configured values; `values` has defaults in their place. */
  problems(): Problem[];
  sources(): Record<string, SettingSource>;
  /** Problems with the values, files and folders included. */
  check(values: Settings): Promise<{ problems: Problem[]; rowCount: number | null }>;
  plan(): Promise<JobPlan>;
  /** Writes the changed keys to the folder's settings. */
  save(changes: Partial<Settings>): Promise<void>;
  /** Asks whether to keep the API keys; false when the user said no. */
  reset(): Promise<boolean>;
  pickPath(key: string): Promise<string | null>;
  openFile(key: string): Promise<void>;
  openNative(key: string | null): Promise<void>;
  onDidChange(listener: () => void): Subscription;
}

/** State and native dialogs of the API keys; the keys themselves stay behind it. */
export interface KeyAccess {
  states(): Promise<KeyState[]>;
  set(provider: KeyedProvider): Promise<void>;
  clear(provider: KeyedProvider): Promise<void>;
  test(provider: KeyedProvider): Promise<{ ok: boolean; message: string }>;
  onDidChange(listener: () => void): Subscription;
}

export interface PanelServices {
  readonly extensionUri: Uri;
  /** The open factory, opened on first need; FactoryError when there is no folder. */
  factory(): Promise<Factory>;
  /** Events of whichever factory is open. */
  onFactoryEvent(listener: (event: FactoryEvent) => void): Subscription;
  session(): SessionState;
  onDidChangeSession(listener: (state: SessionState) => void): Subscription;
  /** Thumbnails, output and temp folder of the open workspace: all that a view may load images from. */
  imageFolders(): Uri[];
  /** Absolute place of a path as the store keeps it; null when it lies outside the allowed folders. */
  resolvePath(stored: string): Uri | null;
  readonly actions: Actions;
  readonly settings: SettingsAccess;
  readonly keys: KeyAccess;
  /** Small values kept with the workspace (drafts, last export location). */
  remember(key: string): unknown;
  keep(key: string, value: unknown): Thenable<void>;
  /** One line for the log output channel. */
  log(message: string): void;
}

/** Opens or reveals a panel; what commands and trees call. */
export interface Panels extends Subscription {
  open(view: ViewName, target?: ViewTarget): void;
}
