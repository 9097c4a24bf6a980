/** What the editor offers in keyword and prompt files (K8–K12). */
import type { Diagnostic, Disposable, DocumentSelector, TextDocument } from 'vscode';
import {
  CodeAction,
  CodeActionKind,
  CodeLens,
  CompletionItem,
  CompletionItemKind,
  EventEmitter,
  Hover,
  l10n,
  languages,
  MarkdownString,
  Range,
  RelativePattern,
  Uri,
  WorkspaceEdit,
  workspace,
} from 'vscode';
import { templateHints } from '../../engine/keywords/hints.ts';
import {
  fillTemplate,
  nearestColumn,
  parseTemplate,
  placeholdersOf,
} from '../../engine/keywords/template.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { diagnosticSource, otherPlaceholder, registerDiagnostics, unknownColumn } from './diagnostics.ts';
import {
  configuredKeywordFile,
  isKeywordFile,
  isPromptFile,
  isCandidate,
  readConfiguredKeywords,
  readKeywords,
} from './keywordFiles.ts';
import { registerReadOnlyTexts } from '../readOnlyTexts.ts';

const keywordSelector: DocumentSelector = { scheme: 'file', pattern: '**/*.{txt,csv,TXT,CSV}' };
const promptSelector: DocumentSelector = { scheme: 'file', pattern: '**/*.{txt,md,TXT,MD}' };

async function keywordLenses(session: WorkspaceSession, document: TextDocument): Promise<CodeLens[]> {
  if (!isKeywordFile(session, document)) return [];
  const reading = await readKeywords(document);
  if (reading.problems.length > 0) return [];
  const rows = reading.file.rows.length;
  const top = new Range(0, 0, 0, 0);
  const title =
    rows === 1
      ? l10n.t('Start job with this file (1 row)')
      : l10n.t('Start job with this file ({0} rows)', String(rows));
  return [
    new CodeLens(top, { title, command: 'genImageFactory.startJobWithFile', arguments: [document.uri] }),
    new CodeLens(top, {
      title: l10n.t('Preview prompts'),
      command: 'genImageFactory.previewPrompts',
      arguments: [document.uri],
    }),
  ];
}

/** Completion inside `${{`. */
function registerCompletion(session: WorkspaceSession): Disposable {
  return languages.registerCompletionItemProvider(
    promptSelector,
    {
      async provideCompletionItems(document, position) {
        if (!isPromptFile(session, document)) return [];
        const line = document.lineAt(position.line).text;
        const before = line.slice(0, position.character);
        const open = before.lastIndexOf('${{');
        // `$${{` writes the characters themselves.
        if (open < 0 || before.includes('}}', open) || before[open - 1] === '$') return [];
        const reading = await readConfiguredKeywords(session);
        if (reading === null) return [];
        const replaced = new Range(position.line, open + 3, position.line, position.character);
        const closed = line.slice(position.character).startsWith('}}');
        const [firstRow] = reading.file.rows;
        return reading.file.columns.map((column, index) => {
          const item = new CompletionItem(column, CompletionItemKind.Field);
          item.range = replaced;
          item.insertText = closed ? column : `${column}}}`;
          item.filterText = column;
          // In the order of the file, not of the alphabet.
          item.sortText = String(index).padStart(5, '0');
          const value = firstRow?.values[column];
          if (value !== undefined) item.detail = l10n.t('First row: {0}', value);
          return item;
        });
      },
    },
    '{',
  );
}

/** Columns that are offered where none is nearly right. */
const offeredColumns = 5;

/** "Change to "Column"" at the place of a diagnostic. */
function replacement(
  document: TextDocument,
  diagnostic: Diagnostic,
  text: string,
  isPreferred: boolean,
): CodeAction {
  const fix = new CodeAction(l10n.t('Change to "{0}"', text), CodeActionKind.QuickFix);
  fix.diagnostics = [diagnostic];
  fix.isPreferred = isPreferred;
  fix.edit = new WorkspaceEdit();
  fix.edit.replace(document.uri, diagnostic.range, text);
  return fix;
}

/** For a placeholder that no column fills, and one in the form of another tool. */
function registerQuickFixes(session: WorkspaceSession): Disposable {
  return languages.registerCodeActionsProvider(
    promptSelector,
    {
      async provideCodeActions(document, _range, context) {
        const ours = context.diagnostics.filter(({ source }) => source === diagnosticSource);
        if (ours.length === 0 || !isPromptFile(session, document)) return [];
        const reading = await readConfiguredKeywords(session);
        if (reading === null) return [];
        const { columns } = reading.file;
        return ours.flatMap((diagnostic) => {
          const { code, range } = diagnostic;
          if (code === otherPlaceholder) {
            const template = parseTemplate(document.getText(), null, reading.file);
            const start = document.offsetAt(range.start);
            const hint = templateHints(template, reading.file).find((one) => one.range?.start === start);
            const text = hint?.replacement ?? null;
            return text === null ? [] : [replacement(document, diagnostic, text, true)];
          }
          if (code !== unknownColumn) return [];
          const near = nearestColumn(document.getText(range), columns);
          const offered = near === null ? columns.slice(0, offeredColumns) : [near];
          return offered.map((column) => replacement(document, diagnostic, column, column === near));
        });
      },
    },
    { providedCodeActionKinds: [CodeActionKind.QuickFix] },
  );
}

/** The template filled with the first row. */
function registerHover(session: WorkspaceSession): Disposable {
  return languages.registerHoverProvider(promptSelector, {
    async provideHover(document, position) {
      if (!isPromptFile(session, document)) return null;
      const reading = await readConfiguredKeywords(session);
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

/**
 * Fires when the configured keyword file is another one, or has changed on the disk; watches it from when a file is
 * open that may need it.
 */
function watchKeywordFile(session: WorkspaceSession): { changed: EventEmitter<void>; dispose: () => void } {
  const changed = new EventEmitter<void>();
  let watched = '';
  let watcher: Disposable | null = null;
  const follow = (): void => {
    const uri = configuredKeywordFile(session);
    if (watched === (uri?.toString() ?? '')) return;
    watched = uri?.toString() ?? '';
    watcher?.dispose();
    watcher = null;
    if (uri === null) return;
    const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
    // Names may hold characters that a pattern reads as its own; one of any kind stands for each.
    const pattern = new RelativePattern(Uri.joinPath(uri, '..'), name.replace(/[[\]{}*?!]/gu, '?'));
    const files = workspace.createFileSystemWatcher(pattern);
    for (const event of [files.onDidChange, files.onDidCreate, files.onDidDelete])
      event(() => changed.fire());
    watcher = files;
  };
  let wanted = false;
  const want = (document: TextDocument): void => {
    if (wanted || !isCandidate(document)) return;
    wanted = true;
    follow();
  };
  workspace.textDocuments.forEach(want);
  const opened = workspace.onDidOpenTextDocument(want);
  const listener = session.onDidChange(() => {
    // Trust may just have been granted.
    workspace.textDocuments.forEach(want);
    if (wanted) follow();
    changed.fire();
  });
  return {
    changed,
    dispose: () => {
      opened.dispose();
      listener.dispose();
      watcher?.dispose();
      changed.dispose();
    },
  };
}

export function registerLanguage(session: WorkspaceSession): Disposable[] {
  const keywordFile = watchKeywordFile(session);
  const { event: keywordsChanged } = keywordFile.changed;
  return [
    keywordFile,
    languages.registerCodeLensProvider(keywordSelector, {
      onDidChangeCodeLenses: keywordsChanged,
      provideCodeLenses: (document: TextDocument) => keywordLenses(session, document),
    }),
    registerCompletion(session),
    registerQuickFixes(session),
    registerHover(session),
    ...registerDiagnostics(session, keywordsChanged),
    ...registerReadOnlyTexts(),
  ];
}
