/** The commands that work on images: retry, approve. */
import type { Problem } from '../engine/model/errors.ts';
import type { RunSummary } from '../engine/model/events.ts';
import {
  checkValue,
  definitionOf,
  isSettingKey,
  unknownKey,
  valueFromText,
  type Settings,
} from '../engine/settings/settings.ts';
import { printProblems, type CommandContext } from './context.ts';
import { follower, runExit, stoppable } from './follow.ts';
import { endedOrUnwanted, sourcesOf, working, type Work } from './running.ts';
import { exitStatus, type ExitStatus } from './terminal.ts';

export async function retry(context: CommandContext): Promise<ExitStatus> {
  const changes = retrySettings(context.line.texts.set ?? []);
  const { settings } = await sourcesOf(context);
  if (changes.problems.length > 0) {
    printProblems(context.terminal, changes.problems);
    return exitStatus.usage;
  }
  return await working(context, settings, (work) =>
    followImages(work, (imageIds) =>
      work.factory.retry({
        imageIds,
        settings: changes.settings ?? 'original',
        regenerateMetadata: context.line.flags.has('metadata'),
      }),
    ),
  );
}

export async function approve(context: CommandContext): Promise<ExitStatus> {
  const { settings } = await sourcesOf(context);
  return await working(context, settings, (work) =>
    followImages(work, (imageIds) => work.factory.approve(imageIds)),
  );
}

/** Only what the retry form shows may be changed; null when nothing is. */
function retrySettings(sets: readonly string[]): {
  settings: Partial<Settings> | null;
  problems: Problem[];
} {
  const settings: Record<string, unknown> = {};
  const problems: Problem[] = [];
  const refuse = (key: string, message: string): void => {
    problems.push({ key, file: null, line: null, column: null, message, allowed: null });
  };
  for (const text of sets) {
    const equals = text.indexOf('=');
    const key = (equals < 0 ? text : text.slice(0, equals)).trim();
    if (equals < 0) refuse(key, `--set ${text} has no value. Write --set ${text}=VALUE.`);
    else if (!isSettingKey(key)) problems.push(unknownKey(key));
    else if (!definitionOf(key).forms.includes('retry')) {
      refuse(key, 'A retry changes processing settings only.');
    } else {
      const value = valueFromText(key, text.slice(equals + 1));
      const problem = checkValue(key, value);
      if (problem === null) settings[key] = value;
      else problems.push(problem);
    }
  }
  return { settings: sets.length === 0 ? null : settings, problems };
}

async function followImages(
  { context, factory, reporter, wish }: Work,
  begin: (imageIds: string[]) => Promise<RunSummary>,
): Promise<ExitStatus> {
  const images = context.line.operands.map((id) => factory.image(id));
  const ids = new Set(images.map((image) => image.id));
  const watch = follower(factory, reporter, (image) => ids.has(image.id));
  for (const image of images) watch.follow(image.jobId, false);
  let endProgress = (): void => undefined;
  try {
    const begun = await begin([...ids]);
    reporter.runBegan(begun);
    endProgress = factory.onEvent((event) => {
      if (event.kind === 'run' && event.run.id === begun.id && event.run.status === 'running') {
        reporter.runProgress(event.run);
      }
    });
    return await stoppable(factory, wish, reporter, async () => {
      const ended = await endedOrUnwanted(factory, begun.id, wish);
      const now = [...ids].map((id) => factory.image(id));
      await watch.catchUp(now);
      const end: RunSummary = ended ?? { ...begun, status: 'cancelled' };
      reporter.runEnded(end);
      return runExit(end, now, wish.stop.aborted);
    });
  } finally {
    endProgress();
    watch.end();
  }
}
