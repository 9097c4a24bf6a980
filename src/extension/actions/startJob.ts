/** Starting a job: check, say what it will cost, ask once, start. */
import { join } from 'node:path';
import { l10n } from 'vscode';
import type { Factory, JobPlan, JobRequest, RemoverChange } from '../../engine/factory.ts';
import { FactoryError } from '../../engine/model/errors.ts';
import { spoken } from '../../engine/model/message.ts';
import { providerLabel, trialSettings } from '../../engine/settings/settings.ts';
import type { Settings } from '../../engine/settings/settings.ts';
import { rememberKeywordFile } from '../language/keywordFiles.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { confirmCost } from './confirm.ts';
import type { Answer } from './confirm.ts';
import { offerIgnores } from './ignores.ts';
import { inputPath, saveInputs } from './inputs.ts';
import { errorOfProblems, problemsThatCount } from './problems.ts';
import { runInTerminal } from './terminal.ts';
import { requireTrust } from './trust.ts';

/** From this many images on, the confirmation offers a terminal: nothing can keep a window from being closed. */
const longJobImages = 500;

export interface StartOptions {
  /** Settings that this one start uses instead of the configured ones. */
  changes?: Partial<Settings>;
  /** Only the first so many rows of the keyword file. */
  firstRows?: number;
  onlyRowsNotDone?: boolean;
}

type Choice = 'test' | 'terminal';

/** Asks with images, rows and estimate. */
async function confirmStart(
  session: WorkspaceSession,
  plan: JobPlan,
  settings: Settings,
  options: StartOptions,
): Promise<Answer<Choice | RemoverChange>> {
  const lines = [
    l10n.t(
      'Rows in the keyword file: {0}. Generations: {1}.',
      String(plan.rowCount),
      String(plan.generations),
    ),
  ];
  const others: { title: string; other: Choice }[] = [];
  const whole = options.firstRows === undefined;
  if (whole && plan.generations > 3) others.push({ title: l10n.t('Test with 3 Rows'), other: 'test' });
  // The command line cannot leave rows out.
  if (whole && options.onlyRowsNotDone !== true && plan.images >= longJobImages) {
    lines.push(
      l10n.t(
        'This takes a while. When the window closes or reloads, the job is interrupted and can be resumed. VS Code asks before it closes a window with a job in a terminal.',
      ),
    );
    others.push({ title: l10n.t('Run in Terminal'), other: 'terminal' });
  }
  const question =
    plan.images === 1
      ? l10n.t('Make 1 image with {0}?', providerLabel(settings['provider.image']))
      : l10n.t('Make {0} images with {1}?', String(plan.images), providerLabel(settings['provider.image']));
  return confirmCost<Choice>(session, [plan], {
    question,
    lines,
    yes: l10n.t('Start Job'),
    with: (label) => l10n.t('Switch to {0}', label),
    others,
  });
}

/** Says which job works when another cannot start now. */
export function refuseWhileRunning(factory: Factory): void {
  const run = factory.activeRun();
  if (run === null) return;
  // Where the system does not tell of dead processes, it takes some seconds to know that a crash has cut it off.
  const words = factory.ownsActiveRun()
    ? l10n.t('"{0}" is running. One job runs at a time: wait for its end, or stop it.', run.title)
    : l10n.t(
        '"{0}" is running in another window or terminal. One job runs at a time: wait for its end, or stop it. If it was just cut off, try again in a few seconds.',
        run.title,
      );
  throw new FactoryError('busy', spoken(words));
}

/** What is planned: the whole file, its first rows, or the rows that are not done yet. */
async function requestFor(factory: Factory, settings: Settings, options: StartOptions): Promise<JobRequest> {
  if (options.onlyRowsNotDone === true) return { settings, onlyRowsNotDone: true };
  if (options.firstRows === undefined) return { settings };
  const { rowCount } = await factory.plan({ settings });
  const count = Math.max(1, Math.min(options.firstRows, rowCount));
  return {
    settings: { ...settings, 'generation.count': count },
    rows: Array.from({ length: count }, (_, row) => row),
  };
}

/** The id of the started job; null when the user said no. FactoryError with every problem when it cannot start. */
export async function startJob(
  session: WorkspaceSession,
  options: StartOptions = {},
): Promise<{ jobId: string } | null> {
  requireTrust();
  const factory = await session.factory();
  refuseWhileRunning(factory);
  const { settings: configured, problems } = session.configuration.read();
  const changes = options.changes ?? {};
  const settings = { ...configured, ...changes };
  const wrong = problemsThatCount(problems, settings, changes);
  if (wrong.length > 0) throw errorOfProblems(wrong);
  await saveInputs(factory.root, settings);
  const request = await requestFor(factory, settings, options);
  const plan = await factory.plan(request);
  if (plan.problems.length > 0) throw errorOfProblems(plan.problems);
  const answer = await confirmStart(session, plan, settings, options);
  if (answer === null) return null;
  if ('other' in answer) {
    if (answer.other === 'test') return startJob(session, { ...options, firstRows: 3 });
    if (answer.other === 'terminal') {
      await runInTerminal(session, factory.root, settings);
      return null;
    }
    // Another service has its own price, so it is asked anew.
    await session.configuration.save(answer.other);
    return startJob(session, options);
  }
  const [consent] = answer.consents;
  if (consent === undefined) return null;
  const job = await factory.start(request, consent);
  // The label was for this start; the next gets its own.
  if (changes['job.label'] === undefined) await session.configuration.save({ 'job.label': '' });
  const keywordsFile = inputPath(factory.root, settings['files.keywordsFile']);
  if (keywordsFile !== null) await rememberKeywordFile(session, keywordsFile);
  offerIgnores(session, factory.root, settings).catch((thrown: unknown) => session.fail(thrown));
  return { jobId: job.id };
}

/** Images that a sample job makes at most. */
const sampleImages = 6;

/** A job with the sample provider on the first configured keywords, or on keywords of its own; no setting changes. */
export async function startSampleJob(session: WorkspaceSession): Promise<{ jobId: string } | null> {
  const { settings } = session.configuration.read();
  const hasFile = settings['files.keywordsFile'] !== '';
  const file = join(session.context.extensionPath, 'media/sample/keywords.csv');
  return startJob(session, {
    firstRows: sampleImages,
    changes: {
      'job.label': l10n.t('Sample job'),
      ...trialSettings,
      'generation.variations': 1,
      ...(hasFile ? {} : { 'files.keywordsFile': file, 'files.systemPromptFile': '' }),
    },
  });
}
