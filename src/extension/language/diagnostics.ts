/** What is wrong in keyword and prompt files, at its place (K4, K8). */
import type { Disposable, TextDocument } from 'vscode';
import { Diagnostic, DiagnosticSeverity, languages, Position, Range, workspace } from 'vscode';
import { parseTemplate, placeholdersOf, templateProblems } from '../../engine/keywords/template.ts';
import type { Problem } from '../../engine/model/errors.ts';
import type { Session } from '../session.ts';
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

/** Typing pauses this long before a file is read again, in milliseconds. */
const typingPauseMs = 300;

/** The message without the place that the editor shows anyway. */
function plainMessage(document: TextDocument, { message }: Problem): string {
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

async function promptDiagnostics(session: Session, document: TextDocument): Promise<Diagnostic[]> {
  const reading = await readConfiguredKeywords(session);
  if (reading === null) return [];
  const template = parseTemplate(document.getText(), shownPath(document), reading.file);
  return templateProblems(template, reading.file.columns).map((problem) => {
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

async function diagnosticsOf(session: Session, document: TextDocument): Promise<Diagnostic[]> {
  if (isKeywordFile(session, document)) {
    const { problems } = await readKeywords(document);
    return problems.map((problem) => diagnosticOf(document, problem, restOfLine(document, problem)));
  }
  return isPromptFile(session, document) ? promptDiagnostics(session, document) : [];
}

/** `keywordsChanged` fires when the configured keyword file is another or has changed on the disk. */
export function registerDiagnostics(
  session: Session,
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
