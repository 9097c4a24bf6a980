/** Prompt files: the template of the instructions, and the instructions for quality check and metadata. */
import type { Problem } from '../model/errors.ts';
import { builtInTemplate } from './builtIn.ts';
import type { KeywordFile } from './keywordFile.ts';
import { parseTemplate, templateProblems, type Template } from './template.ts';
import { decodeText, fileProblem, maxPromptBytes } from './text.ts';
import { messages } from './messages.ts';

/** The text of a prompt file without byte order mark and with LF, or what is wrong with it. */
export function decodePromptFile(bytes: Uint8Array, path: string): { text: string } | { problem: Problem } {
  const decoded = decodeText(bytes, path, maxPromptBytes);
  if ('problem' in decoded || decoded.text.trim() !== '') return decoded;
  return { problem: fileProblem(path, { line: 1, column: 1 }, messages.promptEmpty({ path })) };
}

/** The template that a job fills: the user's, or the built-in one that lists every column. */
export function templateFor(
  keywords: Pick<KeywordFile, 'kind' | 'columns'>,
  prompt: { text: string; path: string } | null,
): { template: Template; problems: Problem[] } {
  const source = prompt?.text ?? builtInTemplate(keywords.kind, keywords.columns);
  const template = parseTemplate(source, prompt?.path ?? null, keywords);
  return { template, problems: templateProblems(template, keywords.columns) };
}
