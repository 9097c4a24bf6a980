/**
 * From settings and the workspace's files to what a job will do. Everything that is wrong is found here, at
 * once and before anything is written or paid (K4, S2).
 */
import type { Files } from '../files/files.ts';
import { allRows, selectRows } from '../keywords/selection.ts';
import { rowKey } from '../keywords/rowKey.ts';
import type { KeywordFile } from '../keywords/keywordFile.ts';
import { fillTemplate } from '../keywords/template.ts';
import type { Template } from '../keywords/template.ts';
import { FactoryError } from '../model/errors.ts';
import type { ErrorCode, Problem } from '../model/errors.ts';
import { inWords, spoken } from '../model/message.ts';
import type { Message } from '../model/message.ts';
import type { JobInputs } from '../model/job.ts';
import { inTurns, nextTurn } from '../model/turns.ts';
import { noCost } from '../model/money.ts';
import { pricesAsOf } from '../providers/catalogue.ts';
import { limitsOf } from '../providers/limits.ts';
import { allNeeds, keysNeeded } from '../providers/build.ts';
import type { ProviderNeeds } from '../providers/build.ts';
import { keyedProviders, keyVariable, labelOf } from '../providers/registry.ts';
import type { KeyedProvider, KeySource } from '../providers/registry.ts';
import { checkSettings, snapshotOf } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';
import { offered } from './consent.ts';
import type { JobPlan, JobRequest, PreviewedPrompt } from './planTypes.ts';
import { estimateCost } from './planEstimate.ts';
import { checkFolder } from './planFiles.ts';
import { readPlanInputs } from './planInputs.ts';
import type { SourceJob } from './planInputs.ts';
import { planWarnings } from './planWarnings.ts';
import { retirementOf } from './replacements.ts';
import type { ReplacementTools } from './replacements.ts';
import { messages } from './messages.ts';

export interface PlanOptions extends ReplacementTools {
  files: Files;
  /** Which of these row keys already have an approved image. */
  doneRows: (rowKeys: readonly string[]) => ReadonlySet<string>;
  /** The job that is run again, for the copies of its files. */
  sourceJob: SourceJob | null;
  /** A whole number for the order of random rows, 0 to 2³¹ − 1. */
  randomSeed: () => number;
}

export interface PlannedGeneration {
  generation: number;
  keywordRow: number;
  keyword: Readonly<Record<string, string>>;
  rowKey: string;
}

/** What is stored when the job starts. */
export interface PlannedJob {
  settings: Settings;
  inputs: JobInputs;
  /** Texts by SHA-256. */
  documents: ReadonlyMap<string, string>;
  generations: readonly PlannedGeneration[];
  variations: number;
  /** Order of random rows. */
  seed: number;
  /** The rows that were asked for, when not all; a rerun takes the same. */
  rows: readonly number[] | null;
}

export interface Planned {
  plan: JobPlan;
  /** Null when there are problems. */
  job: PlannedJob | null;
}

/** Never fails for what the user gave: every such thing is a problem of the plan. */
export async function makePlan(request: JobRequest, options: PlanOptions): Promise<Planned> {
  // Rows that were named are all made, each once, whatever the settings say for a whole file.
  const settings =
    request.rows === undefined
      ? request.settings
      : { ...request.settings, 'generation.count': Math.max(1, request.rows.length) };
  const settingProblems = checkSettings(settings, limitsOf);
  const problems = [...settingProblems];
  const badKeys = new Set(problems.map((problem) => problem.key));
  for (const key of ['files.outputDirectory', 'files.tempDirectory'] as const) {
    if (badKeys.has(key)) continue;
    const problem = await checkFolder(options.files, key, settings, request.entered);
    if (problem !== null) problems.push(problem);
  }
  const read = await readPlanInputs(options.files.root, settings, options.sourceJob);
  // A path that the settings check has named is not named twice.
  problems.push(...read.problems.filter((problem) => problem.key === null || !badKeys.has(problem.key)));
  problems.push(...(await missingKeys(settings, options.keys)).map((provider) => keyProblem(provider)));

  const rowCount = read.keywords?.rows.length ?? 0;
  const count = settings['generation.count'];
  const variations = settings['generation.variations'];
  const chosen = await chooseRows(request, read.keywords, read.template, options);
  problems.push(...chosen.problems);
  const generations = chosen.rows === null ? count : chosen.count;
  const images = generations * variations;

  const retirement = await retirementOf(settings, options);
  const good = problems.length === 0 && read.keywords !== null && read.template !== null;
  const plan: JobPlan = offered({
    problems,
    rowCount,
    generations,
    images,
    estimate: settingProblems.length === 0 ? estimateCost(settings, generations, variations) : noCost,
    pricesAsOf,
    inputs: read.inputs,
    warnings: [...planWarnings(settings, options.now()), ...retirement.warnings, ...read.warnings],
    instead: retirement.instead,
  });
  if (!good || read.keywords === null || read.template === null) return { plan, job: null };
  const seed = options.randomSeed();
  const job: PlannedJob = {
    settings: snapshotOf({ ...settings, 'generation.count': generations }),
    inputs: read.inputs,
    documents: read.documents,
    generations: await generationsOf(read.keywords, read.template, generations, {
      rows: chosen.rows ?? allRows(rowCount),
      random: settings['generation.keywordRandom'],
      seed,
    }),
    variations,
    seed,
    rows: chosen.rows,
  };
  return { plan, job };
}

/** The first rows' instructions, without any network call. Fails with `input.invalid`. */
export async function previewPrompts(
  root: string,
  settings: Settings,
  rows: number,
): Promise<PreviewedPrompt[]> {
  const read = await readPlanInputs(
    root,
    { ...settings, 'ai.qualityCheck': false, 'ai.metadata': false },
    null,
  );
  const { keywords, template } = read;
  if (read.problems.length > 0 || keywords === null || template === null) throw planError(read.problems);
  return keywords.rows.slice(0, Math.max(0, rows)).map((row, index) => ({
    row: index,
    keyword: { ...row.values },
    instructions: fillTemplate(template, row.values),
  }));
}

/** The problems of a plan as one error: its code says whether settings, files or keys are to be mended. */
export function planError(problems: readonly Problem[]): FactoryError {
  const provider = problems.map(providerOfKeyProblem).find((name) => name !== null);
  const onlyKeys = problems.every((problem) => providerOfKeyProblem(problem) !== null);
  const code: ErrorCode =
    onlyKeys && provider !== undefined
      ? 'key.missing'
      : problems.some((problem) => problem.file !== null)
        ? 'input.invalid'
        : 'settings.invalid';
  const [first] = problems;
  const list = problems.map(({ told }) => `- ${inWords(told)}`).join('\n');
  const told =
    problems.length === 1 && first !== undefined
      ? first.told
      : messages.problems({ count: problems.length, list });
  return new FactoryError(code, told, {
    problems,
    ...(onlyKeys && provider !== undefined ? { provider } : {}),
  });
}

/** Providers whose key a run with these settings needs and that have none. */
export async function missingKeys(
  settings: Settings,
  keys: KeySource,
  needs: ProviderNeeds = allNeeds,
): Promise<KeyedProvider[]> {
  const needed = keysNeeded(settings, needs);
  const found = await Promise.all(needed.map((provider) => keys(provider)));
  return needed.filter((_, i) => (found[i] ?? '') === '');
}

/** `allowed` names the environment variable; the message both ways to give a key. */
export function keyProblem(provider: KeyedProvider): Problem {
  const variable = keyVariable(provider);
  return {
    key: null,
    file: null,
    line: null,
    column: null,
    told: messages.noKey({ provider: labelOf(provider), variable }),
    allowed: spoken(variable),
  };
}

function providerOfKeyProblem(problem: Problem): KeyedProvider | null {
  if (problem.key !== null || problem.file !== null) return null;
  const { allowed } = problem;
  if (allowed === null) return null;
  return keyedProviders.find((provider) => keyVariable(provider) === inWords(allowed)) ?? null;
}

interface Chosen {
  /** Null: all rows, as often as `generation.count` says. */
  rows: number[] | null;
  /** Generations when rows are chosen. */
  count: number;
  problems: Problem[];
}

async function chooseRows(
  request: JobRequest,
  keywords: KeywordFile | null,
  template: Template | null,
  options: PlanOptions,
): Promise<Chosen> {
  if (keywords === null || (request.rows === undefined && request.onlyRowsNotDone !== true)) {
    return { rows: null, count: 0, problems: [] };
  }
  const problem = (told: Message, allowed: Message | null): Chosen => ({
    rows: [],
    count: 0,
    problems: [{ key: null, file: keywords.path, line: null, column: null, told, allowed }],
  });
  const rowCount = keywords.rows.length;
  if (request.rows?.length === 0) return problem(messages.noRowChosen(), messages.oneRow());
  const bad = request.rows?.find((row) => !Number.isInteger(row) || row < 0 || row >= rowCount);
  if (bad !== undefined && rowCount > 0) {
    return problem(
      messages.noRow({ path: keywords.path, row: bad + 1, rows: rowCount }),
      messages.rowsTo({ rows: rowCount }),
    );
  }
  let rows = [...new Set(request.rows ?? allRows(rowCount))];
  if (request.onlyRowsNotDone === true && template !== null) {
    rows = await rowsNotDone(rows, keywords, template, options);
    if (rows.length === 0 && rowCount > 0) {
      return problem(messages.allRowsDone({ path: keywords.path }), null);
    }
  }
  // Of the rows not done yet, as many as the settings ask for.
  const count =
    request.rows === undefined ? Math.min(request.settings['generation.count'], rows.length) : rows.length;
  return { rows, count, problems: [] };
}

async function rowsNotDone(
  rows: readonly number[],
  keywords: KeywordFile,
  template: Template,
  options: PlanOptions,
): Promise<number[]> {
  const rest: number[] = [];
  for await (const slice of inTurns(rows, keysPerTurn)) {
    const keys = slice.map((row) => rowKey(keywords.rows[row]?.values ?? {}, template.source));
    const done = options.doneRows(keys);
    rest.push(...slice.filter((_, i) => !done.has(keys[i] ?? '')));
  }
  return rest;
}

/** Row keys that are made before others of the process get their turn: about two milliseconds. */
const keysPerTurn = 250;

async function generationsOf(
  keywords: KeywordFile,
  template: Template,
  count: number,
  selection: { rows: readonly number[]; random: boolean; seed: number },
): Promise<PlannedGeneration[]> {
  const generations: PlannedGeneration[] = [];
  for (const keywordRow of selectRows(selection, count)) {
    const generation = generations.length;
    if (generation > 0 && generation % keysPerTurn === 0) await nextTurn();
    const keyword = keywords.rows[keywordRow]?.values ?? {};
    generations.push({ generation, keywordRow, keyword, rowKey: rowKey(keyword, template.source) });
  }
  return generations;
}
