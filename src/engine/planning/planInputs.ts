/** Reads what a plan is made of: keyword rows and prompt texts, with every problem of them. */
import { builtInMetadata, builtInQualityCheck } from '../keywords/builtIn.ts';
import { parseKeywords, parseKeywordText } from '../keywords/keywordFile.ts';
import type { KeywordFile, ParsedKeywords } from '../keywords/keywordFile.ts';
import { keywordHints, templateHints } from '../keywords/hints.ts';
import { decodePromptFile, templateFor } from '../keywords/promptFile.ts';
import { templateName } from '../keywords/template.ts';
import type { Template } from '../keywords/template.ts';
import { positionIn } from '../keywords/text.ts';
import type { Problem } from '../model/errors.ts';
import type { Message } from '../model/message.ts';
import { noInputs } from '../model/job.ts';
import type { InputFile, JobInputs } from '../model/job.ts';
import { sha256 } from '../model/sha256.ts';
import { definitionOf } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';
import { readConfigured } from './planFiles.ts';
import type { FileKey } from './planFiles.ts';
import { messages } from './messages.ts';

/** The job that a rerun is of: its files, and the texts that were kept of them. */
export interface SourceJob {
  inputs: JobInputs;
  /** The kept text; null when there is none. */
  document(sha256: string): string | null;
}

export interface ReadInputs {
  keywords: KeywordFile | null;
  template: Template | null;
  qualityCheck: string;
  metadata: string;
  inputs: JobInputs;
  /** Texts by SHA-256, to be kept with the job. */
  documents: Map<string, string>;
  problems: Problem[];
  warnings: Message[];
}

const inputNames = {
  'files.keywordsFile': 'keywordsFile',
  'files.systemPromptFile': 'systemPromptFile',
  'files.qualityCheckPromptFile': 'qualityCheckPromptFile',
  'files.metadataPromptFile': 'metadataPromptFile',
} as const satisfies Record<FileKey, keyof JobInputs>;

type Source = { path: string; bytes: Uint8Array } | { path: string; text: string };

interface InputContext {
  settings: Settings;
  root: string;
  sourceJob: SourceJob | null;
  into: ReadInputs;
}

export async function readPlanInputs(
  root: string,
  settings: Settings,
  sourceJob: SourceJob | null,
): Promise<ReadInputs> {
  const into: ReadInputs = {
    keywords: null,
    template: null,
    qualityCheck: builtInQualityCheck,
    metadata: builtInMetadata,
    inputs: { ...noInputs },
    documents: new Map(),
    problems: [],
    warnings: [],
  };
  const context: InputContext = { settings, root, sourceJob, into };
  await readKeywords(context);
  const system = await readPromptFile(context, 'files.systemPromptFile');
  if (settings['ai.qualityCheck']) {
    into.qualityCheck =
      (await readPromptFile(context, 'files.qualityCheckPromptFile'))?.text ?? builtInQualityCheck;
  }
  if (settings['ai.metadata']) {
    into.metadata = (await readPromptFile(context, 'files.metadataPromptFile'))?.text ?? builtInMetadata;
  }
  // Without columns every placeholder would look wrong.
  if (into.keywords !== null && into.keywords.columns.length > 0) {
    const { template, problems } = templateFor(into.keywords, system);
    into.template = template;
    into.problems.push(...problems);
    into.warnings.push(...hintsIn(into.keywords, template));
  }
  return into;
}

/** What is allowed in the files and probably not meant, each with its file and line. */
function hintsIn(keywords: KeywordFile, template: Template): Message[] {
  const file = templateName(template);
  const inTemplate = templateHints(template, keywords).map(({ told: hint, range }) => {
    if (range === null) return messages.hintInFile({ file, hint });
    const { line, column } = positionIn(template.source, range.start);
    return messages.hintInLine({ file, line, column, hint });
  });
  const inKeywords = keywordHints(keywords, template).map(({ told }) =>
    messages.hintInFile({ file: keywords.path, hint: told }),
  );
  const hints = [...inTemplate, ...inKeywords];
  const more = hints.length - mostHints;
  return more > 0 ? [...hints.slice(0, mostHints), messages.moreHints({ more })] : hints;
}

/** Before a start, a few examples are enough. */
const mostHints = 5;

async function readKeywords(context: InputContext): Promise<void> {
  const key = 'files.keywordsFile';
  const { into } = context;
  if (context.settings[key].trim() === '') {
    const allowed = messages.keywordsFile();
    const told = messages.noFileChosen({ label: definitionOf(key).label, allowed });
    into.problems.push({ key, file: null, line: null, column: null, told, allowed });
    return;
  }
  const source = await sourceOf(context, key);
  if (source === null) return;
  const result: ParsedKeywords =
    'text' in source
      ? await parseKeywordText(source.text, source.path)
      : await parseKeywords(source.bytes, source.path);
  into.problems.push(...result.problems);
  into.keywords = result.file;
  keep(context, key, source.path, result.text);
}

async function readPromptFile(
  context: InputContext,
  key: FileKey,
): Promise<{ text: string; path: string } | null> {
  if (context.settings[key].trim() === '') return null;
  const source = await sourceOf(context, key);
  if (source === null) return null;
  const result = 'text' in source ? source : decodePromptFile(source.bytes, source.path);
  if ('problem' in result) {
    context.into.problems.push(result.problem);
    return null;
  }
  keep(context, key, source.path, result.text);
  return { text: result.text, path: source.path };
}

/** The configured file, or the copy that the original job kept of it when it is gone. */
async function sourceOf(context: InputContext, key: FileKey): Promise<Source | null> {
  const { into, sourceJob } = context;
  const result = await readConfigured(context.root, key, context.settings);
  if ('input' in result) return result.input;
  const before = sourceJobFile(context, key);
  if (result.gone && before !== null && before.path === result.problem.file) {
    const text = sourceJob?.document(before.sha256) ?? null;
    if (text !== null) {
      into.warnings.push(messages.copyUsed({ path: before.path }));
      return { path: before.path, text };
    }
  }
  into.problems.push(result.problem);
  return null;
}

function sourceJobFile(context: InputContext, key: FileKey): InputFile | null {
  return context.sourceJob?.inputs[inputNames[key]] ?? null;
}

function keep(context: InputContext, key: FileKey, path: string, text: string): void {
  const { into } = context;
  const hash = sha256(text);
  into.documents.set(hash, text);
  into.inputs[inputNames[key]] = { path, sha256: hash };
  const before = sourceJobFile(context, key);
  if (before !== null && before.path === path && before.sha256 !== hash) {
    into.warnings.push(messages.changedSince({ path }));
  }
}
