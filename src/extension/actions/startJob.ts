/** Starting a job: check, say what it will cost, ask once, start. */
import { join } from 'node:path';
import { l10n, window } from 'vscode';
import type { Factory, JobPlan, JobRequest } from '../../engine/factory.ts';
import { FactoryError } from '../../engine/model/errors.ts';
import { formatCost } from '../../engine/model/money.ts';
import type { Settings } from '../../engine/settings/settings.ts';
import { errorOfProblems } from './problems.ts';
import { offerIgnores } from './ignores.ts';
import { runInTerminal } from './terminal.ts';
import { requireTrust } from './trust.ts';
import type { Session } from '../session.ts';

/** From this many images on, the confirmation offers a terminal: nothing can keep a window from being closed. */
const longJobImages = 500;

export interface StartOptions {
  /** Settings that this one start uses instead of the configured ones. */
  changes?: Partial<Settings>;
  /** Only the first so many rows of the keyword file. */
  firstRows?: number;
  onlyRowsNotDone?: boolean;
}

type Choice = 'start' | 'test' | 'terminal' | 'notDone';

/** Asks with images, rows and estimate; null when the user said no. */
async function confirmStart(plan: JobPlan, settings: Settings, isTest: boolean): Promise<Choice | null> {
  const estimate = formatCost(plan.estimate);
  const lines = [
    l10n.t(
      'Rows in the keyword file: {0}. Generations: {1}.',
      String(plan.rowCount),
      String(plan.generations),
    ),
    l10n.t('Estimate: at most {0}, by prices of {1}.', estimate, plan.pricesAsOf),
    ...plan.warnings,
  ];
  const start = { title: l10n.t('Start Job'), choice: 'start' as const };
  const items: { title: string; choice: Choice }[] = [start];
  if (!isTest && plan.generations > 3) {
    items.push({ title: l10n.t('Test with 3 Rows'), choice: 'test' });
  }
  if (!isTest && plan.images >= longJobImages) {
    lines.push(
      l10n.t(
        'This takes a while. A job stops when this window closes and can be resumed; a terminal keeps on.',
      ),
    );
    items.push({ title: l10n.t('Run in Terminal'), choice: 'terminal' });
  }
  const question =
    plan.images === 1
      ? l10n.t('Make 1 image with {0}?', settings['provider.image'])
      : l10n.t('Make {0} images with {1}?', String(plan.images), settings['provider.image']);
  const chosen = await window.showInformationMessage(
    question,
    { modal: true, detail: lines.join('\n') },
    ...items,
  );
  return chosen?.choice ?? null;
}

function costs(plan: JobPlan): boolean {
  return plan.estimate.microUsd > 0 || plan.estimate.unknown;
}

function mustConfirm(plan: JobPlan, confirmAboveUsd: number): boolean {
  if (!costs(plan)) return false;
  return plan.estimate.unknown || plan.estimate.microUsd >= confirmAboveUsd * 1_000_000;
}

/** Says which job works when another cannot start now. */
export function refuseWhileRunning(factory: Factory): void {
  const run = factory.activeRun();
  if (run === null) return;
  throw new FactoryError(
    'busy',
    l10n.t('"{0}" is running. One job runs at a time: wait for its end, or stop it.', run.title),
  );
}

/** The id of the started job; null when the user said no. FactoryError with every problem when it cannot start. */
export async function startJob(
  session: Session,
  options: StartOptions = {},
): Promise<{ jobId: string } | null> {
  requireTrust();
  const factory = await session.factory();
  refuseWhileRunning(factory);
  const { settings: configured, problems } = session.configuration.read();
  if (problems.length > 0) throw errorOfProblems(problems);
  const settings = { ...configured, ...options.changes };
  const request: JobRequest = { settings };
  if (options.onlyRowsNotDone === true) request.onlyRowsNotDone = true;
  if (options.firstRows !== undefined) {
    const { rowCount } = await factory.plan({ settings });
    const count = Math.max(1, Math.min(options.firstRows, rowCount));
    request.rows = Array.from({ length: count }, (_, row) => row);
    request.settings = { ...settings, 'generation.count': count };
  }
  const plan = await factory.plan(request);
  if (plan.problems.length > 0) throw errorOfProblems(plan.problems);
  if (mustConfirm(plan, session.configuration.confirmAbove())) {
    const choice = await confirmStart(plan, settings, options.firstRows !== undefined);
    if (choice === null) return null;
    if (choice === 'test') return startJob(session, { ...options, firstRows: 3 });
    if (choice === 'terminal') {
      await runInTerminal(session, factory.root, ['run', '--workspace', factory.root]);
      return null;
    }
  }
  const job = await factory.start(request);
  await session.configuration.save({ 'job.label': '' });
  void offerIgnores(session, factory.root, request.settings);
  return { jobId: job.id };
}

/** A job with the sample provider on the configured keyword file, or on a few rows of its own; no setting changes. */
export async function startSampleJob(session: Session): Promise<{ jobId: string } | null> {
  const { settings } = session.configuration.read();
  const hasFile = settings['files.keywordsFile'] !== '';
  const file = join(session.context.extensionPath, 'media', 'sample', 'keywords.csv');
  return startJob(session, {
    changes: {
      'job.label': l10n.t('Sample job'),
      'provider.image': 'sample',
      'provider.text': 'sample',
      'provider.backgroundRemoval': 'sample',
      ...(hasFile ? {} : { 'files.keywordsFile': file, 'files.systemPromptFile': '', 'generation.count': 6 }),
    },
  });
}
