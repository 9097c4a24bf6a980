/** Builds what the pipeline works with, from a job's rows and the run's context. */
import { builtInMetadata, builtInQualityCheck } from '../keywords/builtIn.ts';
import { keywordKind } from '../keywords/keywordFile.ts';
import { templateFor } from '../keywords/promptFile.ts';
import { fillPromptContext, fillTemplate } from '../keywords/template.ts';
import type { Template } from '../keywords/template.ts';
import { toFactoryError } from '../model/errors.ts';
import type { JobInputs } from '../model/job.ts';
import { fromUsd } from '../model/money.ts';
import { createLimit } from '../model/semaphore.ts';
import { isAhead } from '../model/status.ts';
import { createCircuit } from '../pipeline/circuit.ts';
import { createGate } from '../pipeline/gate.ts';
import { createJournal } from '../pipeline/createJournal.ts';
import type { Journal } from '../pipeline/journal.ts';
import { endFor, pause } from '../pipeline/policy.ts';
import type { Instructions, StepLimits, PipelineContext } from '../pipeline/pipelineContext.ts';
import { createLimiter } from '../providers/limiter.ts';
import { limitsOf } from '../providers/limits.ts';
import { imageModelOf, textModelOf, type Settings } from '../settings/settings.ts';
import { jobSpending } from '../store/calls.ts';
import { getDocument } from '../store/documents.ts';
import { unfinishedImages } from '../store/images.ts';
import { getJob, jobContents, raisePercent } from '../store/jobs.ts';
import { countFailedSlots } from '../store/slots.ts';
import type { Store } from '../store/store.ts';
import { createBudget } from './budget.ts';
import { createProgress } from './progress.ts';
import type { ProgressKeeper, ProgressState } from './progress.ts';
import type { RunContext } from './runContext.ts';
import { createTasks } from './runJobTasks.ts';
import type { Tasks } from './runJobTasks.ts';

export interface PreparedRun {
  pipeline: PipelineContext;
  tasks: Tasks;
  progress: ProgressKeeper;
  /** Writes what still waits and listens no longer. */
  end(reachedEnd: boolean): Promise<void>;
}

export interface RunIdentity {
  jobId: string;
  runId: string | null;
  /** True for retry and approve: their own counts go with the images. */
  ofImages: boolean;
  /** True where `budget.maxCostPerJob` counts; retries were confirmed with their own estimate. */
  budgeted: boolean;
}

export function prepareRun(context: RunContext, identity: RunIdentity): PreparedRun {
  const { store, settings, lease } = context;
  const { jobId } = identity;
  const gate = createGate({ stop: context.stop, force: context.force, lost: lease.lost });
  const onError = (thrown: unknown): void => endFor(pipeline, toFactoryError(thrown), 'deliver');

  const progress = createProgress({
    state: { ...progressState(store, jobId, settings, context.now()), ofImages: identity.ofImages },
    store,
    jobId,
    now: context.now,
    remember: (percent) => {
      journal.write((db) => raisePercent(db, jobId, percent)).catch(onError);
    },
  });
  const journal = createJournal({
    store,
    lease,
    jobId,
    runId: identity.runId,
    imageRunId: identity.ofImages ? identity.runId : null,
    qualityCheck: settings['ai.qualityCheck'],
    imageProvider: { name: context.providers.image.name, model: context.providers.image.model },
    tally: progress,
    onError,
    now: context.now,
  });
  const resolveHeldWhenIdle = (): void => {
    if (circuit.held > 0 && circuit.held === tasks.active) circuit.resolveHeld();
  };
  const tasks = createTasks(resolveHeldWhenIdle);
  const circuit = createCircuit({
    trip: (error, source) => pause(pipeline, error, { ...source, stage: error.stage ?? 'generate' }),
    onHeld: resolveHeldWhenIdle,
  });
  gate.closed.addEventListener('abort', () => circuit.halt(), { once: true });

  const { jobLabel, instructions } = textsOf(store, jobId, context.now());
  const pipeline: PipelineContext = {
    jobId,
    label: jobLabel,
    settings,
    textModel: textModelOf(settings),
    vector: isVector(settings),
    runId: identity.runId,
    providers: context.providers,
    instructions,
    files: context.files,
    folders: context.folders,
    gate,
    circuit,
    budget: createBudget(budgetState(store, jobId, settings, identity.budgeted)),
    limits: createLimits(settings),
    journal,
    now: context.now,
  };
  return {
    pipeline,
    tasks,
    progress,
    end: (reachedEnd) => finish(journal, gate, progress, reachedEnd),
  };
}

async function finish(
  journal: Journal,
  gate: ReturnType<typeof createGate>,
  progress: ProgressKeeper,
  reachedEnd: boolean,
): Promise<void> {
  gate.dispose();
  const lost = gate.halt?.status === 'interrupted';
  if (!lost) progress.end(reachedEnd);
  else progress.cancel();
  // A full disk or a lost lease has ended the run already; its last log rows are not worth another error.
  if (lost) journal.drop();
  else await journal.flush().catch(() => undefined);
}

/** How much of each step is under way at once; pixel work has its own limit of two for the whole process. */
function createLimits(settings: Settings): StepLimits {
  const parallel = settings['generation.parallel'];
  const looking = Math.min(16, Math.max(8, parallel));
  return {
    image: createLimiter(parallel),
    prompt: createLimiter(Math.min(16, Math.max(4, parallel))),
    qualityCheck: createLimiter(looking),
    metadata: createLimiter(looking),
    background: createLimiter(Math.min(8, Math.max(4, parallel))),
    // Whole images are in memory while they are fetched and looked at.
    download: createLimit(6),
    finishing: createLimit(looking + 4),
  };
}

function budgetState(
  store: Store,
  jobId: string,
  settings: Settings,
  budgeted: boolean,
): Parameters<typeof createBudget>[0] {
  const limit = settings['budget.maxCostPerJob'];
  const { worst, reserved } = store.read((db) => jobSpending(db, jobId));
  return {
    limit: budgeted && limit > 0 ? fromUsd(limit) : null,
    spent: worst,
    reserved: reserved.microUsd,
  };
}

function progressState(
  store: Store,
  jobId: string,
  settings: Settings,
  now: number,
): Omit<ProgressState, 'ofImages'> {
  return store.read((db) => {
    const { planned, generated, checked, approved, failed } = getJob(db, jobId, now);
    const awaited = unfinishedImages(db, jobId)
      .filter(({ nextStage }) => nextStage !== null && isAhead('qualityCheck', nextStage))
      .map(({ id }) => id);
    return {
      counters: { planned, generated, checked, approved, failed },
      slotsFailed: countFailedSlots(db, { jobId }),
      awaited: settings['ai.qualityCheck'] ? awaited : [],
      percent: jobContents(db, jobId).percent,
      qualityCheck: settings['ai.qualityCheck'],
    };
  });
}

function textsOf(store: Store, jobId: string, now: number): { jobLabel: string; instructions: Instructions } {
  return store.read((db) => {
    const { inputs } = jobContents(db, jobId);
    const textOf = (file: keyof JobInputs): string | null => {
      const input = inputs[file];
      return input === null ? null : getDocument(db, input.sha256);
    };
    const metadata = textOf('metadataPromptFile') ?? builtInMetadata;
    return {
      jobLabel: getJob(db, jobId, now).ownLabel,
      instructions: {
        prompt: promptWriter(inputs, textOf('systemPromptFile')),
        qualityCheck: textOf('qualityCheckPromptFile') ?? builtInQualityCheck,
        metadata: (prompt) => fillPromptContext(metadata, prompt),
      },
    };
  });
}

/** Fills the template with a row; read once, because all rows of a file have the same columns. */
function promptWriter(inputs: JobInputs, source: string | null): Instructions['prompt'] {
  const kind = keywordKind(inputs.keywordsFile?.path ?? '');
  const path = inputs.systemPromptFile?.path ?? null;
  let template: Template | null = null;
  return (row) => {
    template ??= templateFor(
      { kind, columns: Object.keys(row) },
      source === null || path === null ? null : { text: source, path },
    ).template;
    return fillTemplate(template, row);
  };
}

function isVector(settings: Settings): boolean {
  return limitsOf(settings['provider.image'], imageModelOf(settings))?.vectorOnly === true;
}
