/** The commands that work on jobs: run, resume, rerun. */
import { resolve } from 'node:path';
import type { Consent, Factory, JobPlan } from '../engine/factory.ts';
import { isFactoryError, type Problem } from '../engine/model/errors.ts';
import type { RunSummary } from '../engine/model/events.ts';
import type { JobSummary } from '../engine/model/job.ts';
import { inWords, withoutRepeats } from '../engine/model/message.ts';
import {
  maxImagesPerJob,
  settingsAsRun,
  settingsSchema,
  type Settings,
} from '../engine/settings/settings.ts';
import { textOf } from './commandLine.ts';
import { consentTo, costText, sayEstimate } from './consent.ts';
import { printProblems, withFactory, type CommandContext } from './context.ts';
import {
  follower,
  imagesOf,
  jobExit,
  listenForStop,
  withStopSignals,
  waitUntilFree,
  type StopSignals,
} from './follow.ts';
import { reporterFor, type Reporter } from './reporter.ts';
import {
  givenFolders,
  originLines,
  settingChanges,
  settingSources,
  type SettingSources,
} from './settingSources.ts';
import { exitStatus, line, type ExitStatus, type Terminal } from './terminal.ts';
import { counted } from './words.ts';
import { messages } from './messages.ts';

export interface RunCommand {
  context: CommandContext;
  factory: Factory;
  reporter: Reporter;
  signals: StopSignals;
}

/** Opens the workspace for work; another run in it ends the command unless it may wait. */
export async function openForRuns(
  context: CommandContext,
  folders: readonly string[],
  act: (command: RunCommand) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const { terminal, json } = context;
  const reporter = reporterFor(terminal, json);
  const signals = listenForStop(terminal, context.now);
  try {
    return await withFactory(context, 'work', folders, async (factory) => {
      const active = factory.activeRun();
      if (active !== null && !context.line.flags.has('wait')) {
        reporter.note(`Another run works in this workspace: ${active.title}. Wait for it, or add --wait.`);
        return exitStatus.busy;
      }
      return await act({ context, factory, reporter, signals });
    });
  } finally {
    signals.end();
  }
}

/** The settings of the command line; the ones of the workspace alone where a command takes none. */
export async function sourcesOf(context: CommandContext): Promise<SettingSources> {
  const { line: given, terminal, workspace } = context;
  const own = given.name === 'retry' || given.name === 'resume';
  const texts = own ? [] : (given.texts.set ?? []);
  const settingsFile = given.name === 'settings check' ? given.operands[0] : textOf(given, 'settings');
  return await settingSources({
    workspace,
    cwd: terminal.cwd,
    settingsFile: settingsFile ?? null,
    sets: texts,
    label: textOf(given, 'label'),
    keywords: textOf(given, 'keywords'),
  });
}

interface Planned {
  settings: Settings;
  plan: JobPlan;
  problems: Problem[];
}

/** `--keywords` means all of its rows, unless the command line itself says how many (S11). */
async function planned(factory: Factory, sources: SettingSources): Promise<Planned> {
  const plan = await factory.plan({ settings: sources.settings });
  // A value that was refused where it stood is not in use; what the plan says of the one in its place misleads.
  const refused = new Set(sources.problems.map(({ key }) => key));
  for (const key of sources.origins.keys()) refused.delete(key);
  const problemsOf = ({ problems }: JobPlan): Problem[] =>
    eachOnce([...sources.problems, ...problems.filter(({ key }) => key === null || !refused.has(key))]);
  const asked = sources.origins.get('generation.count');
  const fromFile = sources.origins.get('files.keywordsFile') === '--keywords';
  const saysCount = asked !== undefined && asked !== '.vscode/settings.json';
  if (!fromFile || saysCount || plan.rowCount === 0) {
    return { settings: sources.settings, plan, problems: problemsOf(plan) };
  }
  const tooMany = tooManyRows(sources.settings, plan.rowCount);
  if (tooMany !== null) {
    return { settings: sources.settings, plan, problems: [...problemsOf(plan), tooMany] };
  }
  const settings = { ...sources.settings, 'generation.count': plan.rowCount };
  const whole = await factory.plan({ settings });
  return { settings, plan: whole, problems: problemsOf(whole) };
}

/** What to say of a file with more rows than one job can make; null when it fits. */
function tooManyRows(settings: Settings, rowCount: number): Problem | null {
  const variations = settings['generation.variations'];
  const most = Math.min(settingsSchema['generation.count'].max, Math.floor(maxImagesPerJob / variations));
  if (rowCount <= most) return null;
  const file = settings['files.keywordsFile'];
  const values = { file, rows: rowCount.toLocaleString('en-US'), most: most.toLocaleString('en-US') };
  const told =
    variations === 1 ? messages.tooManyRows(values) : messages.tooManyRowsEach({ ...values, variations });
  return { key: null, file, line: null, column: null, told, allowed: messages.aCount({ most }) };
}

/** What a plan warns of, and how this command takes another service than one that has ended. */
export function noteWarnings(
  terminal: Terminal,
  { warnings, instead }: Pick<JobPlan, 'warnings' | 'instead'>,
  takesSet: boolean,
): void {
  for (const warning of warnings) line(terminal.err, `Note: ${inWords(warning)}`);
  const changes = instead.flatMap((other) => Object.entries(other.changes));
  if (!takesSet || changes.length === 0) return;
  const ways = changes.map(([key, value]) => `--set ${key}=${value}`).join(' or ');
  line(terminal.err, `Note: Another takes its place with ${ways}.`);
}

export async function run(context: CommandContext): Promise<ExitStatus> {
  const { terminal, json } = context;
  const sources = await sourcesOf(context);
  const say = (text: string): void => line(json ? terminal.err : terminal.out, text);
  return await openForRuns(context, givenFolders(sources), async ({ factory, reporter, signals }) => {
    const { settings, plan, problems } = await planned(factory, sources);
    for (const warning of sources.warnings) line(terminal.err, `Note: ${warning}`);
    noteWarnings(terminal, plan, true);
    if (problems.length > 0) {
      printProblems(terminal, problems);
      return exitStatus.usage;
    }
    for (const text of originLines({ ...sources, settings })) say(text);
    line(terminal.err, planText(plan));
    const [consent] = (await consentTo(context, [plan])) ?? [];
    if (consent === undefined) return exitStatus.stopped;
    const watch = follower(factory, reporter);
    try {
      return await withStopSignals(factory, signals, reporter, async () => {
        const job = await startWhenFree(context, factory, { settings, consent }, signals);
        if (job === null) return exitStatus.stopped;
        watch.follow(job.id, true);
        watch.began(job);
        if (signals.stop.aborted) await factory.stop();
        const own = factory.activeRun();
        const end = own?.jobId === job.id ? await factory.runEnded(own.id) : null;
        await watch.catchUp(imagesOf(factory, job.id));
        return endOfJob(factory, reporter, job.id, end);
      });
    } finally {
      watch.end();
    }
  });
}

/** The same value may be refused where it was read and again by the plan. */
function eachOnce(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ key, told }) => {
    const id = `${key ?? ''} ${inWords(told)}`;
    return !seen.has(id) && seen.add(id);
  });
}

function planText(plan: JobPlan): string {
  const { images, generations, rowCount } = plan;
  const rows = generations < rowCount ? `${generations} of ${rowCount} rows` : counted(rowCount, 'row');
  return `Plan: ${counted(images, 'image')} from ${rows}, ${costText([plan])}`;
}

/** Null when the request to stop came before the start. */
async function startWhenFree(
  context: CommandContext,
  factory: Factory,
  { settings, consent }: { settings: Settings; consent: Consent },
  signals: StopSignals,
): Promise<JobSummary | null> {
  for (;;) {
    if (signals.stop.aborted) return null;
    try {
      return await factory.start({ settings }, consent);
    } catch (error) {
      if (!isFactoryError(error, 'busy') || !context.line.flags.has('wait')) throw error;
    }
    if (!(await waitUntilFree(factory, signals.stop))) return null;
  }
}

async function endOfJob(
  factory: Factory,
  reporter: Reporter,
  jobId: string,
  run: RunSummary | null,
): Promise<ExitStatus> {
  const stored = factory.job(jobId);
  // It waits, as it would now cost more than was agreed to.
  if (run?.status === 'held' && run.error !== null) reporter.note(run.error.message);
  const settings = settingsAsRun(stored);
  const job = run === null ? stored : afterRun(stored, run);
  reporter.jobEnded(job, resolve(factory.root, settings['files.outputDirectory']));
  return jobExit(factory, job);
}

/** A store without room cannot say that its job has ended; it is interrupted then, as the next start will find it. */
function afterRun(job: JobSummary, { error }: RunSummary): JobSummary {
  if (job.status !== 'running' || error === null) return job;
  return { ...job, status: 'interrupted', error: { ...error, stage: null, provider: null } };
}

export async function resume(context: CommandContext): Promise<ExitStatus> {
  const folders = givenFolders(await sourcesOf(context));
  const changes = settingChanges(
    context.line.texts.set ?? [],
    (key) => key === 'budget.maxCostPerJob' || key === 'provider.backgroundRemoval',
    messages.onlyTwoSettings(),
  );
  if (changes.problems.length > 0) {
    printProblems(context.terminal, changes.problems);
    return exitStatus.usage;
  }
  return await openForRuns(context, folders, async (command) => {
    const job = command.factory.job(context.line.operands[0] ?? '');
    const { id } = job;
    const { 'provider.backgroundRemoval': remover, ...others } = changes.settings ?? {};
    const other = remover === undefined ? undefined : { 'provider.backgroundRemoval': remover };
    const plan = await command.factory.planResume(id, other);
    noteWarnings(context.terminal, plan, true);
    sayEstimate(context, [plan]);
    const [consent] = (await consentTo(context, [plan])) ?? [];
    if (consent === undefined) return exitStatus.stopped;
    if (Object.keys(others).length > 0) command.factory.editSettings(id, { ...job.settings, ...others });
    return await followJobs(command, async () => [await command.factory.resume(id, consent, other)]);
  });
}

export async function rerun(context: CommandContext): Promise<ExitStatus> {
  const folders = givenFolders(await sourcesOf(context));
  return await openForRuns(context, folders, async (command) => {
    const ids = context.line.operands.map((id) => command.factory.job(id).id);
    const plans = await command.factory.planRerun(ids);
    const warnings = withoutRepeats(plans.flatMap((plan) => plan.warnings));
    noteWarnings(context.terminal, { warnings, instead: [] }, false);
    sayEstimate(context, plans);
    const consents = await consentTo(context, plans);
    if (consents === null) return exitStatus.stopped;
    const jobs = consents.map((consent, index) => ({ jobId: ids[index] ?? '', consent }));
    return await followJobs(command, () => command.factory.rerun(jobs));
  });
}

/** Waits for one job after another; one that stands still keeps the rest from starting. */
async function followJobs(
  { factory, reporter, signals }: RunCommand,
  begin: () => Promise<RunSummary[]>,
): Promise<ExitStatus> {
  const watch = follower(factory, reporter);
  try {
    const runs = await begin();
    return await withStopSignals(factory, signals, reporter, async () => {
      let worst: ExitStatus = exitStatus.ok;
      for (const [index, { id, jobId, kind }] of runs.entries()) {
        if (jobId === null) continue;
        watch.follow(jobId, kind === 'job');
        const end = await waitForEnd(factory, id, signals);
        if (end === null) return exitStatus.stopped;
        await watch.catchUp(imagesOf(factory, jobId));
        const status = await endOfJob(factory, reporter, jobId, end);
        if (status !== exitStatus.ok) worst = status;
        const rest = runs.slice(index + 1).map((other) => other.id);
        const still = !['completed', 'failed'].includes(factory.job(jobId).status);
        if (still && rest.length > 0) {
          await factory.removeFromQueue(rest);
          reporter.note(`${rest.length} more were not started.`);
        }
        if (still) return status;
      }
      return worst;
    });
  } finally {
    watch.end();
  }
}

/** Waits for a run. A request to stop takes a run that still waits out of the queue: null. */
export async function waitForEnd(
  factory: Factory,
  runId: string,
  signals: StopSignals,
): Promise<RunSummary | null> {
  return await new Promise((onDone, fail) => {
    const unwanted = (): void => {
      if (!factory.queue().some((other) => other.id === runId)) return;
      factory.removeFromQueue([runId]).then(() => onDone(null), fail);
    };
    signals.stop.addEventListener('abort', unwanted, { once: true });
    if (signals.stop.aborted) unwanted();
    factory
      .runEnded(runId)
      .then(onDone, fail)
      .finally(() => signals.stop.removeEventListener('abort', unwanted));
  });
}
