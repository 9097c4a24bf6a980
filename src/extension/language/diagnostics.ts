/** What is wrong in keyword and prompt files, at its place (K4, K8). */
import type { Disposable, TextDocument } from 'vscode';
import { Diagnostic, DiagnosticSeverity, languages, Position, Range, workspace } from 'vscode';
import { keywordHints, templateHints } from '../../engine/keywords/hints.ts';
import type { Hint } from '../../engine/keywords/hints.ts';
import { parseTemplate, placeholdersOf, templateProblems } from '../../engine/keywords/template.ts';
import type { Template } from '../../engine/keywords/template.ts';
import type { Problem } from '../../engine/model/errors.ts';
import { inWords } from '../../engine/model/message.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import {
  isKeywordFile,
  isPromptFile,
  readConfiguredKeywords,
  readKeywords,
  shownPath,
} from './keywordFiles.ts';

/** Of all diagnostics of ours. */
export const diagnosticSource = 'Gen Image Factory';
/** A placeholder whose column the keyword file does not have: the range is the column's name. */
export const unknownColumn = 'unknownColumn';

/** A placeholder in the form of another tool: its range is replaced by ours. */
export const otherPlaceholder = 'otherPlaceholder';

/** Typing pauses this long before a file is read again, in milliseconds. */
const typingPauseMs = 300;

/** The message without the place that the editor shows anyway. */
function plainMessage(document: TextDocument, { told }: Problem): string {
  const message = inWords(told);
  const path = shownPath(document);
  const rest = message.startsWith(path) ? message.slice(path.length) : message;
  const plain = rest.replace(/^, line \d+(, column \d+)?: /u, '');
  return plain === rest ? message : plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** From the problem's place to the end of its line; problems without a place are the file's. */
function restOfLine(document: TextDocument, problem: Problem): Range {
  const line = Math.min((problem.line ?? 1) - 1, document.lineCount - 1);
  const { range } = document.lineAt(line);
  const start = Math.min((problem.column ?? 1) - 1, Math.max(0, range.end.character - 1));
  return new Range(new Position(line, start), range.end);
}

function diagnosticOf(document: TextDocument, problem: Problem, range: Range): Diagnostic {
  const diagnostic = new Diagnostic(range, plainMessage(document, problem), DiagnosticSeverity.Error);
  diagnostic.source = diagnosticSource;
  return diagnostic;
}

/** What is allowed and probably not meant: marked where it stands, or on the first line. */
function hintDiagnostic(document: TextDocument, { told, range, replacement }: Hint): Diagnostic {
  const at =
    range === null
      ? document.lineAt(0).range
      : new Range(document.positionAt(range.start), document.positionAt(range.end));
  const diagnostic = new Diagnostic(at, inWords(told), DiagnosticSeverity.Warning);
  diagnostic.source = diagnosticSource;
  if (replacement !== null) diagnostic.code = otherPlaceholder;
  return diagnostic;
}

async function promptDiagnostics(session: WorkspaceSession, document: TextDocument): Promise<Diagnostic[]> {
  const reading = await readConfiguredKeywords(session);
  if (reading === null) return [];
  const template = parseTemplate(document.getText(), shownPath(document), reading.file);
  const hints = templateHints(template, reading.file).map((hint) => hintDiagnostic(document, hint));
  return hints.concat(templateProblemDiagnostics(document, template, reading.file.columns));
}

function templateProblemDiagnostics(
  document: TextDocument,
  template: Template,
  columns: readonly string[],
): Diagnostic[] {
  return templateProblems(template, columns).map((problem) => {
    const part = placeholdersOf(template).find(
      ({ columnRange }) => columnRange.line === problem.line && columnRange.column === problem.column,
    );
    if (part === undefined) return diagnosticOf(document, problem, restOfLine(document, problem));
    const { start, end } = part.columnRange;
    const range = new Range(document.positionAt(start), document.positionAt(end));
    const diagnostic = diagnosticOf(document, problem, range);
    diagnostic.code = unknownColumn;
    return diagnostic;
  });
}

async function diagnosticsOf(session: WorkspaceSession, document: TextDocument): Promise<Diagnostic[]> {
  if (isKeywordFile(session, document)) {
    const { file, problems } = await readKeywords(document);
    const hints = problems.length > 0 ? [] : keywordHints(file, null);
    return [
      ...problems.map((problem) => diagnosticOf(document, problem, restOfLine(document, problem))),
      ...hints.map((hint) => hintDiagnostic(document, hint)),
    ];
  }
  return isPromptFile(session, document) ? promptDiagnostics(session, document) : [];
}

/** `keywordsChanged` fires when the configured keyword file is another or has changed on the disk. */
export function registerDiagnostics(
  session: WorkspaceSession,
  keywordsChanged: (listener: () => void) => Disposable,
): Disposable[] {
  const collection = languages.createDiagnosticCollection('genImageFactory');
  const waiting = new Map<string, NodeJS.Timeout>();
  const check = async (document: TextDocument): Promise<void> => {
    const { version } = document;
    const diagnostics = await diagnosticsOf(session, document);
    if (!document.isClosed && document.version === version) collection.set(document.uri, diagnostics);
  };
  const soon = (document: TextDocument): void => {
    const name = document.uri.toString();
    clearTimeout(waiting.get(name));
    const timer = setTimeout(() => {
      waiting.delete(name);
      check(document).catch((thrown: unknown) => session.log.error(String(thrown)));
    }, typingPauseMs);
    waiting.set(name, timer);
  };
  const isOurs = (document: TextDocument): boolean =>
    isKeywordFile(session, document) || isPromptFile(session, document);
  const all = (): void => {
    for (const document of workspace.textDocuments) {
      if (isOurs(document)) soon(document);
      else collection.delete(document.uri);
    }
  };
  all();
  return [
    collection,
    { dispose: () => waiting.forEach((timer) => clearTimeout(timer)) },
    keywordsChanged(all),
    workspace.onDidOpenTextDocument((document) => {
      if (isOurs(document)) soon(document);
    }),
    workspace.onDidChangeTextDocument(({ document }) => {
      // Prompt files are checked against the keywords.
      if (isKeywordFile(session, document)) all();
      else if (isPromptFile(session, document)) soon(document);
    }),
    workspace.onDidCloseTextDocument((document) => collection.delete(document.uri)),
  ];
}
