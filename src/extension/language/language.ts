/** What the editor offers in keyword and prompt files (K8, section 11). */
import type { CancellationToken, CodeLens, Disposable, DocumentSelector, TextDocument } from 'vscode';
import {
  CodeAction,
  CodeActionKind,
  CodeLens as Lens,
  CompletionItem,
  CompletionItemKind,
  Diagnostic,
  DiagnosticSeverity,
  EventEmitter,
  Hover,
  l10n,
  languages,
  MarkdownString,
  Position,
  Range,
  WorkspaceEdit,
  workspace,
} from 'vscode';
import {
  nearestColumn,
  templateProblems,
  parseTemplate,
  fillTemplate,
  placeholdersOf,
} from '../../engine/keywords/template.ts';
import { parseKeywordText, type KeywordReading } from '../../engine/keywords/keywordFile.ts';
import type { Problem } from '../../engine/model/errors.ts';
import type { Session } from '../session.ts';
import { isKeywordFile, isPromptFile, readConfiguredKeywords } from './keywordFiles.ts';
import { registerPreview } from './preview.ts';

const keywordSelector: DocumentSelector = [
  { scheme: 'file', pattern: '**/*.txt' },
  { scheme: 'file', pattern: '**/*.csv' },
];
const promptSelector: DocumentSelector = [
  { scheme: 'file', pattern: '**/*.txt' },
  { scheme: 'file', pattern: '**/*.md' },
];
const source = 'Gen Image Factory';
/** Typing pauses this long before a file is read again, in milliseconds. */
const typingPauseMs = 300;

/** Columns and rows of the configured keyword file; null where it cannot be used. */
async function usableKeywords(session: Session): Promise<KeywordReading | null> {
  const reading = await readConfiguredKeywords(session);
  return reading === null || reading.problems.length > 0 ? null : reading;
}

async function keywordLenses(session: Session, document: TextDocument): Promise<CodeLens[]> {
  if (!isKeywordFile(session, document)) return [];
  const reading = await parseKeywordText(document.getText(), document.uri.fsPath);
  if (reading.problems.length > 0) return [];
  const rows = reading.file.rows.length;
  const top = new Range(0, 0, 0, 0);
  const title =
    rows === 1
      ? l10n.t('Start job with this file (1 row)')
      : l10n.t('Start job with this file ({0} rows)', String(rows));
  return [
    new Lens(top, { title, command: 'genImageFactory.startJobWithFile', arguments: [document.uri] }),
    new Lens(top, {
      title: l10n.t('Preview prompts'),
      command: 'genImageFactory.previewPrompts',
      arguments: [document.uri],
    }),
  ];
}

/** The range of a problem: from its position to the end of the word or line. */
function rangeOf(document: TextDocument, problem: Problem): Range {
  const line = Math.min((problem.line ?? 1) - 1, document.lineCount - 1);
  const start = new Position(line, (problem.column ?? 1) - 1);
  const rest = document.lineAt(line).text.slice(start.character);
  const end = rest.indexOf('}}');
  return new Range(start, start.translate(0, end > 0 ? end : Math.max(1, rest.length)));
}

async function problemsOf(session: Session, document: TextDocument): Promise<Problem[]> {
  if (isKeywordFile(session, document)) {
    return (await parseKeywordText(document.getText(), document.uri.fsPath)).problems;
  }
  if (!isPromptFile(session, document)) return [];
  const reading = await usableKeywords(session);
  if (reading === null) return [];
  const { file } = reading;
  const template = parseTemplate(document.getText(), document.uri.fsPath, file);
  return templateProblems(template, file.columns);
}

function registerDiagnostics(session: Session): Disposable[] {
  const collection = languages.createDiagnosticCollection('genImageFactory');
  const waiting = new Map<string, NodeJS.Timeout>();
  const check = async (document: TextDocument): Promise<void> => {
    const version = document.version;
    const problems = await problemsOf(session, document);
    if (document.isClosed || document.version !== version) return;
    const diagnostics = problems.map((problem) => {
      const diagnostic = new Diagnostic(
        rangeOf(document, problem),
        problem.message,
        DiagnosticSeverity.Error,
      );
      diagnostic.source = source;
      return diagnostic;
    });
    collection.set(document.uri, diagnostics);
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
  const all = (): void => {
    for (const document of workspace.textDocuments) {
      if (isKeywordFile(session, document) || isPromptFile(session, document)) soon(document);
      else collection.delete(document.uri);
    }
  };
  all();
  return [
    collection,
    { dispose: () => waiting.forEach((timer) => clearTimeout(timer)) },
    session.onDidChange(all),
    workspace.onDidOpenTextDocument((document) => {
      if (isKeywordFile(session, document) || isPromptFile(session, document)) soon(document);
    }),
    workspace.onDidChangeTextDocument(({ document }) => {
      if (isKeywordFile(session, document)) all();
      else if (isPromptFile(session, document)) soon(document);
    }),
    workspace.onDidCloseTextDocument((document) => collection.delete(document.uri)),
  ];
}

/** Completion inside `${{`. */
function registerCompletion(session: Session): Disposable {
  return languages.registerCompletionItemProvider(
    promptSelector,
    {
      async provideCompletionItems(document, position) {
        if (!isPromptFile(session, document)) return [];
        const before = document.lineAt(position.line).text.slice(0, position.character);
        const open = before.lastIndexOf('${{');
        if (open < 0 || before.indexOf('}}', open) >= 0 || before[open - 1] === '$') return [];
        const reading = await usableKeywords(session);
        if (reading === null) return [];
        const after = document.lineAt(position.line).text.slice(position.character);
        const replaced = new Range(position.line, open + 3, position.line, position.character);
        const [firstRow] = reading.file.rows;
        return reading.file.columns.map((column) => {
          const item = new CompletionItem(column, CompletionItemKind.Field);
          item.range = replaced;
          item.insertText = after.startsWith('}}') ? column : `${column}}}`;
          item.filterText = column;
          const value = firstRow?.values[column];
          if (value !== undefined) item.detail = l10n.t('First row: {0}', value);
          return item;
        });
      },
    },
    '{',
  );
}

/** "Change to ${{Column}}" for a column that is nearly right. */
function registerQuickFixes(session: Session): Disposable {
  return languages.registerCodeActionsProvider(
    promptSelector,
    {
      async provideCodeActions(document, _range, context) {
        if (!isPromptFile(session, document)) return [];
        const ours = context.diagnostics.filter((diagnostic) => diagnostic.source === source);
        const reading = ours.length === 0 ? null : await usableKeywords(session);
        if (reading === null) return [];
        const { columns } = reading.file;
        return ours.flatMap((diagnostic) => {
          const written = document.getText(diagnostic.range);
          const near = nearestColumn(written, columns);
          const offered = near === null ? columns.slice(0, 5) : [near];
          return offered.map((column) => {
            const fix = new CodeAction(l10n.t('Change to "{0}"', column), CodeActionKind.QuickFix);
            fix.diagnostics = [diagnostic];
            fix.isPreferred = column === near;
            fix.edit = new WorkspaceEdit();
            fix.edit.replace(document.uri, diagnostic.range, column);
            return fix;
          });
        });
      },
    },
    { providedCodeActionKinds: [CodeActionKind.QuickFix] },
  );
}

/** The template filled with the first row. */
function registerHover(session: Session): Disposable {
  return languages.registerHoverProvider(promptSelector, {
    async provideHover(document, position) {
      if (!isPromptFile(session, document)) return null;
      const reading = await usableKeywords(session);
      const [firstRow] = reading?.file.rows ?? [];
      if (reading === null || firstRow === undefined) return null;
      const template = parseTemplate(document.getText(), null, reading.file);
      const offset = document.offsetAt(position);
      const part = placeholdersOf(template).find(({ range }) => range.start <= offset && offset <= range.end);
      if (part === undefined) return null;
      // Cells are other people's text: shown as a code block, never as markdown with links or commands.
      const text = new MarkdownString();
      text.appendText(l10n.t('Filled with the first row:'));
      text.appendCodeblock(fillTemplate(template, firstRow.values), 'text');
      return new Hover(
        text,
        new Range(document.positionAt(part.range.start), document.positionAt(part.range.end)),
      );
    },
  });
}

export function registerLanguage(session: Session): Disposable[] {
  const lensesChanged = new EventEmitter<void>();
  const lenses = languages.registerCodeLensProvider(keywordSelector, {
    onDidChangeCodeLenses: lensesChanged.event,
    provideCodeLenses: (document: TextDocument, _token: CancellationToken) =>
      keywordLenses(session, document),
  });
  return [
    lensesChanged,
    session.onDidChange(() => lensesChanged.fire()),
    lenses,
    registerCompletion(session),
    registerQuickFixes(session),
    registerHover(session),
    ...registerDiagnostics(session),
    ...registerPreview(),
  ];
}
