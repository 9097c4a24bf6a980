/** The commands that only read. */
import { previewPrompts, type Factory } from '../engine/factory.ts';
import { problemInWords } from '../engine/model/errors.ts';
import type { ImageFilter, ImageRecord } from '../engine/model/image.ts';
import type { JobFilter, JobSummary } from '../engine/model/job.ts';
import { logLine } from '../engine/model/logLine.ts';
import { inWords } from '../engine/model/message.ts';
import { imageStatuses, jobStatuses, type ImageStatus } from '../engine/model/status.ts';
import { limitsOf } from '../engine/providers/limits.ts';
import { removerNotice } from '../engine/providers/retirement.ts';
import { settingsJsonSchema } from '../engine/settings/jsonSchema.ts';
import {
  checkSettings,
  defaultSettings,
  shownSetting,
  definitionOf,
  sameValue,
  settingKeys,
  settingsAsRun,
} from '../engine/settings/settings.ts';
import { wholeNumberOf, textOf, choiceOf, type CommandLine } from './commandLine.ts';
import { badArguments, printProblems, withFactory, type CommandContext } from './context.ts';
import { failedSlotRow, imageRow, jobRow, logRow } from './rows.ts';
import { sourcesOf } from './runCommands.ts';
import { givenFolders, originLines } from './settingSources.ts';
import { block, exitStatus, jsonLine, jsonLines, line, oneLine, type ExitStatus } from './terminal.ts';
import { imageTable, jobSummaryText, jobTable, shownTime, statisticsText, table } from './words.ts';

const sorts = ['newest', 'oldest', 'name'] as const;
/** Rows that a person is shown unless more are asked for; JSON has all. */
const shownRows = 50;
const pageSize = 500;

function json(context: CommandContext, value: unknown): void {
  jsonLine(context.terminal.out, value, 2);
}

/** A bare array with one row on each line. */
function jsonList(context: CommandContext, rows: readonly unknown[]): void {
  const lines = rows.map((row) => JSON.stringify(row));
  jsonLines(context.terminal.out, lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n]`);
}

/** The statuses of `--status`, null for all. */
function statusesOf<S extends string>(
  given: CommandLine,
  known: readonly S[],
  problems: string[],
): S[] | null {
  const text = textOf(given, 'status') ?? 'all';
  if (text === 'all') return null;
  const words = text.split(',').map((word) => word.trim());
  const found = known.filter((status) => words.includes(status));
  for (const word of words.filter((one) => !known.some((status) => status === one))) {
    problems.push(`--status is "${word}". Use ${known.join(', ')} or all.`);
  }
  return found;
}

interface ListRange {
  limit: number;
  offset: number;
}

function rangeOf(context: CommandContext, problems: string[]): ListRange {
  const limit = wholeNumberOf(context.line, 'limit', 1, problems);
  return {
    limit: limit ?? (context.json ? Number.POSITIVE_INFINITY : shownRows),
    offset: wholeNumberOf(context.line, 'offset', 0, problems) ?? 0,
  };
}

/** Reads pages until there are enough rows or no more. */
async function collect<T>(
  range: ListRange,
  read: (page: {
    limit: number;
    after?: string;
    offset?: number;
  }) => Promise<{ items: T[]; next: string | null }>,
): Promise<T[]> {
  const items: T[] = [];
  let page = await read({ limit: Math.min(pageSize, range.limit), offset: range.offset });
  items.push(...page.items);
  while (page.next !== null && items.length < range.limit) {
    page = await read({ limit: Math.min(pageSize, range.limit - items.length), after: page.next });
    items.push(...page.items);
  }
  return items;
}

async function reading(
  context: CommandContext,
  act: (factory: Factory) => Promise<void> | void,
): Promise<ExitStatus> {
  const folders = givenFolders(await sourcesOf(context));
  return await withFactory(context, 'read', folders, async (factory) => {
    await act(factory);
    return exitStatus.ok;
  });
}

function cutNote(context: CommandContext, shown: number, total: number): void {
  if (shown < total)
    line(context.terminal.err, `${shown} of ${total} shown; --limit and --offset show others.`);
}

export async function jobs(context: CommandContext): Promise<ExitStatus> {
  const problems: string[] = [];
  const statuses = statusesOf(context.line, jobStatuses, problems);
  const search = textOf(context.line, 'search');
  const filter: JobFilter = {
    ...(statuses === null ? {} : { statuses }),
    ...(search === null ? {} : { search }),
  };
  const sort = choiceOf(context.line, 'sort', sorts, 'newest', problems);
  const range = rangeOf(context, problems);
  if (problems.length > 0) return badArguments(context.terminal, problems);
  return await reading(context, async (factory) => {
    const found = await collect<JobSummary>(range, (page) => factory.jobs(filter, sort, page));
    if (context.json) {
      jsonList(context, found.map(jobRow));
      return;
    }
    block(context.terminal.out, found.length === 0 ? 'No jobs.' : jobTable(found));
    cutNote(context, found.length, await factory.jobCount(filter));
  });
}

export async function images(context: CommandContext): Promise<ExitStatus> {
  const problems: string[] = [];
  const statuses = statusesOf(context.line, imageStatuses, problems);
  const search = textOf(context.line, 'search');
  const job = textOf(context.line, 'job');
  const sort = choiceOf(context.line, 'sort', sorts, 'newest', problems);
  const range = rangeOf(context, problems);
  if (problems.length > 0) return badArguments(context.terminal, problems);
  return await reading(context, async (factory) => {
    const filter: ImageFilter = {
      ...(statuses === null ? {} : { statuses }),
      ...(search === null ? {} : { search }),
      ...(job === null ? {} : { jobIds: [factory.job(job).id] }),
    };
    const found = await collect<ImageRecord>(range, (page) => factory.images(filter, sort, page));
    if (context.json) {
      jsonList(context, found.map(imageRow));
      return;
    }
    block(context.terminal.out, found.length === 0 ? 'No images.' : imageTable(found));
    if (found.length < range.limit) return;
    const counts = await factory.imageCounts(filter);
    const chosen: readonly ImageStatus[] = statuses ?? imageStatuses;
    const total = chosen.reduce((sum, status) => sum + counts.byStatus[status], 0);
    cutNote(context, found.length, total);
  });
}

export async function job(context: CommandContext): Promise<ExitStatus> {
  return await reading(context, async (factory) => {
    const details = factory.job(context.line.operands[0] ?? '');
    const slots = await collect({ limit: Number.POSITIVE_INFINITY, offset: 0 }, (page) =>
      factory.failedSlots({ jobId: details.id }, page),
    );
    if (context.json) {
      const { settings, snapshot, inputs } = details;
      const failedSlots = slots.map(failedSlotRow);
      json(context, { ...jobRow(details), failedSlots, settings, snapshot, inputs });
      return;
    }
    const { out } = context.terminal;
    block(out, jobSummaryText(details));
    line(out, `Created ${shownTime(details.createdAt)} · Started ${shownTime(details.startedAt)}`);
    for (const { generation, variation, failure } of slots) {
      line(out, `${generation + 1}-${variation + 1} failed: ${failure.reason}`);
    }
    const settings = settingsAsRun(details);
    const defaults = defaultSettings();
    const changed = settingKeys.filter((key) => !sameValue(settings[key], defaults[key]));
    line(out);
    line(out, changed.length === 0 ? 'All settings have their defaults.' : 'Settings that are no defaults:');
    const rows = changed.map((key) => [definitionOf(key).label, oneLine(shownSetting(key, settings[key]))]);
    if (rows.length > 0) block(out, table(rows));
  });
}

export async function logs(context: CommandContext): Promise<ExitStatus> {
  return await reading(context, (factory) => {
    const { id } = factory.job(context.line.operands[0] ?? '');
    const debug = context.line.flags.has('debug');
    const entries = [];
    let afterSeq: number | undefined;
    for (;;) {
      const limit = 1000;
      const more = factory.logs(id, afterSeq === undefined ? { debug, limit } : { debug, limit, afterSeq });
      entries.push(...more);
      afterSeq = more.at(-1)?.seq;
      if (more.length < limit) break;
    }
    if (context.json) jsonList(context, entries.map(logRow));
    else for (const entry of entries) line(context.terminal.out, logLine(entry));
  });
}

export async function stats(context: CommandContext): Promise<ExitStatus> {
  return await reading(context, async (factory) => {
    const statistics = await factory.statistics();
    if (context.json) json(context, statistics);
    else block(context.terminal.out, statisticsText(statistics));
  });
}

export async function preview(context: CommandContext): Promise<ExitStatus> {
  const wrong: string[] = [];
  const rows = wholeNumberOf(context.line, 'rows', 1, wrong) ?? 3;
  if (wrong.length > 0) return badArguments(context.terminal, wrong);
  const sources = await sourcesOf(context);
  for (const warning of sources.warnings) line(context.terminal.err, `Note: ${warning}`);
  if (sources.problems.length > 0) {
    printProblems(context.terminal, sources.problems);
    return exitStatus.usage;
  }
  // Prompts need the files alone: a folder that has no history yet gets none by looking.
  const prompts = await previewPrompts(context.workspace, sources.settings, rows);
  if (context.json) jsonList(context, prompts);
  else {
    for (const { row, instructions } of prompts) {
      block(context.terminal.out, `--- Row ${row + 1} ---\n${instructions.trimEnd()}\n`);
    }
  }
  return exitStatus.ok;
}

/** `settings schema`, `settings defaults`, `settings check FILE`: they need no store. */
export async function settings(context: CommandContext): Promise<ExitStatus> {
  const { terminal } = context;
  if (context.line.name === 'settings schema') {
    json(context, settingsJsonSchema());
    return exitStatus.ok;
  }
  if (context.line.name === 'settings defaults') {
    const defaults = defaultSettings();
    if (context.json) json(context, defaults);
    else for (const key of settingKeys) line(terminal.out, `${key} = ${JSON.stringify(defaults[key])}`);
    return exitStatus.ok;
  }
  const sources = await sourcesOf(context);
  const problems = [...sources.problems, ...checkSettings(sources.settings, limitsOf)];
  const notice = removerNotice(sources.settings, terminal.now(), context.endpoints);
  const warnings = [
    ...sources.warnings,
    ...(notice === null ? [] : [`${notice.key}: ${inWords(notice.told)}`]),
  ];
  for (const warning of warnings) line(terminal.err, `Note: ${warning}`);
  if (context.json) {
    json(context, {
      ok: problems.length === 0,
      problems: problems.map(problemInWords),
      sources: Object.fromEntries(sources.origins),
    });
  } else {
    for (const text of originLines(sources)) line(terminal.out, text);
    printProblems(terminal, problems);
    if (problems.length === 0) line(terminal.out, 'The settings are right.');
  }
  return problems.length === 0 ? exitStatus.ok : exitStatus.usage;
}
