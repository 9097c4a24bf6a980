/** The commands that work on images: retry, approve. */
import type { RetryRequest } from '../engine/factory.ts';
import type { RunSummary } from '../engine/model/events.ts';
import { definitionOf } from '../engine/settings/settings.ts';
import { consentTo, sayEstimate } from './consent.ts';
import { printProblems, type CommandContext } from './context.ts';
import { follower, runExit, withStopSignals } from './follow.ts';
import { waitForEnd, noteWarnings, sourcesOf, openForRuns, type RunCommand } from './runCommands.ts';
import { givenFolders, settingChanges } from './settingSources.ts';
import { exitStatus, type ExitStatus } from './terminal.ts';
import { messages } from './messages.ts';

export async function retry(context: CommandContext): Promise<ExitStatus> {
  const changes = settingChanges(
    context.line.texts.set ?? [],
    // What the retry form shows.
    (key) => definitionOf(key).forms.includes('retry'),
    messages.processingOnly(),
  );
  const folders = givenFolders(await sourcesOf(context));
  if (changes.problems.length > 0) {
    printProblems(context.terminal, changes.problems);
    return exitStatus.usage;
  }
  return await openForRuns(context, folders, (command) =>
    followImages(command, async (imageIds) => {
      const request: RetryRequest = {
        imageIds,
        settings: changes.settings ?? 'original',
        regenerateMetadata: context.line.flags.has('metadata'),
      };
      const plan = await command.factory.planRetry(request);
      noteWarnings(context.terminal, plan, true);
      sayEstimate(context, [plan]);
      const [consent] = (await consentTo(context, [plan])) ?? [];
      return consent === undefined ? null : command.factory.retry(request, consent);
    }),
  );
}

export async function approve(context: CommandContext): Promise<ExitStatus> {
  const folders = givenFolders(await sourcesOf(context));
  return await openForRuns(context, folders, (command) =>
    followImages(command, async (imageIds) => {
      const plan = await command.factory.planApprove(imageIds);
      noteWarnings(context.terminal, plan, false);
      sayEstimate(context, [plan]);
      const [consent] = (await consentTo(context, [plan])) ?? [];
      return consent === undefined ? null : command.factory.approve(imageIds, consent);
    }),
  );
}

async function followImages(
  { context, factory, reporter, signals }: RunCommand,
  begin: (imageIds: string[]) => Promise<RunSummary | null>,
): Promise<ExitStatus> {
  const images = context.line.operands.map((id) => factory.image(id));
  const ids = new Set(images.map((image) => image.id));
  // For people the batch's own count is the progress; the job's is long at its end.
  const shown = context.json ? reporter : { ...reporter, progress: () => undefined };
  const watch = follower(factory, shown, (image) => ids.has(image.id));
  for (const image of images) watch.follow(image.jobId, false);
  let endProgress = (): void => undefined;
  try {
    const begun = await begin([...ids]);
    if (begun === null) return exitStatus.stopped;
    reporter.runBegan(begun);
    endProgress = factory.onEvent((event) => {
      if (event.kind === 'run' && event.run.id === begun.id && event.run.status === 'running') {
        reporter.runProgress(event.run);
      }
    });
    return await withStopSignals(factory, signals, reporter, async () => {
      const ended = await waitForEnd(factory, begun.id, signals);
      const now = [...ids].map((id) => factory.image(id));
      await watch.catchUp(now);
      const end: RunSummary = ended ?? { ...begun, status: 'cancelled' };
      reporter.runEnded(end);
      return runExit(end, now, signals.stop.aborted);
    });
  } finally {
    endProgress();
    watch.end();
  }
}
