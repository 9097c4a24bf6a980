import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  commands,
  DiagnosticSeverity,
  languages,
  MarkdownString,
  Position,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { CodeAction, CodeLens, CompletionList, Diagnostic, Hover, TextDocument } from 'vscode';
import type { TestApi } from '../../src/extension/extension.ts';
import {
  activeApi,
  asMade,
  configure,
  ended,
  expectSoon,
  folderPath,
  run,
  start,
  writeText,
} from './host.ts';

const template = 'A sticker of a ${{Subject}}, ${{Style}}, plain background.\n';

describe('In the editor', () => {
  let api: TestApi;

  before(async () => {
    api = await activeApi();
  });

  const open = async (path: string): Promise<TextDocument> =>
    workspace.openTextDocument(Uri.file(join(folderPath(), path)));

  const newFile = async (path: string, text: string): Promise<TextDocument> => {
    await workspace.fs.writeFile(Uri.file(join(folderPath(), path)), Buffer.from(text));
    return open(path);
  };

  const lenses = async (document: TextDocument): Promise<string[]> =>
    (await commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', document.uri)).map(
      ({ command }) => command?.title ?? '',
    );

  const ours = (document: TextDocument): Diagnostic[] =>
    languages.getDiagnostics(document.uri).filter(({ source }) => source === 'Gen Image Factory');

  const soon = (document: TextDocument, count: number): Promise<boolean> =>
    expectSoon(`${count} diagnostics`, () => ours(document).length === count);

  afterEach(async () => {
    await writeText('prompt.md', template);
    await configure(asMade);
  });

  it('K9: a keyword file offers to start a job with its rows, and to preview prompts', async () => {
    assert.deepEqual(await lenses(await open('keywords.csv')), [
      'Start job with this file (3 rows)',
      'Preview prompts',
    ]);
  });

  it('K13: other .txt and .csv files stay quiet until they were used', async () => {
    const notes = await newFile('notes.txt', 'buy milk\n');
    assert.deepEqual(await lenses(notes), []);
    assert.deepEqual(ours(notes), []);
    await configure({ 'files.systemPromptFile': undefined });
    const factory = await api.session.factory();
    await ended(factory, await start('startJobWithFile', notes.uri));
    assert.deepEqual(await lenses(notes), ['Start job with this file (1 row)', 'Preview prompts']);
  });

  it('K4: what is wrong with a keyword file is marked at its line', async () => {
    const file = await newFile('broken.csv', 'Subject,Style\nfox,linocut\nowl\n');
    await configure({ 'files.keywordsFile': 'broken.csv' });
    await soon(file, 1);
    const [diagnostic] = ours(file);
    assert.equal(diagnostic?.range.start.line, 2);
    assert.match(diagnostic.message, /^The row has 1 cell, the header has 2\./);
    assert.deepEqual(await lenses(file), [], 'A file with errors cannot start a job.');
  });

  it('K14: a placeholder in the form of another tool is marked, and a quick fix writes it as ours', async () => {
    await writeText('prompt.md', 'A {Subject} of ${{Style}}.\n');
    const file = await open('prompt.md');
    await soon(file, 1);
    const [hint] = ours(file);
    assert.ok(hint);
    assert.equal(hint.severity, DiagnosticSeverity.Warning);
    assert.equal(file.getText(hint.range), '{Subject}');
    const fixes = await commands.executeCommand<CodeAction[]>(
      'vscode.executeCodeActionProvider',
      file.uri,
      hint.range,
    );
    const fix = fixes.find(({ title }) => title === 'Change to "${{Subject}}"');
    assert.ok(fix?.edit);
    await workspace.applyEdit(fix.edit);
    assert.equal(file.lineAt(0).text, 'A ${{Subject}} of ${{Style}}.');
    await soon(file, 0);
    await file.save();
  });

  it('K10: an unknown column is marked, and a quick fix puts the right one', async () => {
    await writeText('prompt.md', 'A ${{Subjct}} of ${{Mood}}, $${{Any}}.\n');
    const file = await open('prompt.md');
    await soon(file, 2);
    const [slip, unknown] = ours(file);
    assert.ok(slip && unknown);
    assert.equal(file.getText(slip.range), 'Subjct');
    assert.match(
      slip.message,
      /^The keyword file has no column "Subjct"\. Did you mean \$\{\{Subject\}\}\?$/,
    );
    const fixes = await commands.executeCommand<CodeAction[]>(
      'vscode.executeCodeActionProvider',
      file.uri,
      slip.range,
    );
    const fix = fixes.find(({ title }) => title === 'Change to "Subject"');
    assert.ok(fix?.edit);
    assert.equal(fix.isPreferred, true);
    await workspace.applyEdit(fix.edit);
    assert.equal(file.lineAt(0).text, 'A ${{Subject}} of ${{Mood}}, $${{Any}}.');
    await soon(file, 1);
    const others = await commands.executeCommand<CodeAction[]>(
      'vscode.executeCodeActionProvider',
      file.uri,
      ours(file)[0]?.range,
    );
    assert.deepEqual(
      others.map(({ title }) => title).filter((title) => title.startsWith('Change to')),
      ['Change to "Subject"', 'Change to "Style"'],
    );
    await file.save();
  });

  it('K3: a placeholder that is not closed is marked, without a fix that would break it', async () => {
    await writeText('prompt.md', 'A ${{Subject of a forest.\n');
    const file = await open('prompt.md');
    await expectSoon('the diagnostic', () =>
      ours(file).some(({ message }) => /is not closed by }}/.test(message)),
    );
    const fixes = await commands.executeCommand<CodeAction[]>(
      'vscode.executeCodeActionProvider',
      file.uri,
      ours(file)[0]?.range,
    );
    assert.deepEqual(
      fixes.filter(({ title }) => title.startsWith('Change to')),
      [],
    );
  });

  it('K10: columns are completed inside ${{, with the first row beside them', async () => {
    await writeText('prompt.md', 'A ${{Sub and $${{Sub and {{Sub');
    const file = await open('prompt.md');
    const complete = async (character: number): Promise<CompletionList> =>
      commands.executeCommand('vscode.executeCompletionItemProvider', file.uri, new Position(0, character));
    const { items } = await complete('A ${{Sub'.length);
    const columns = items.filter(({ detail }) => detail?.startsWith('First row') === true);
    assert.deepEqual(
      columns.map(({ label, insertText, detail }) => [label, insertText, detail]),
      [
        ['Subject', 'Subject}}', 'First row: red fox'],
        ['Style', 'Style}}', 'First row: watercolor'],
      ],
    );
    for (const at of ['A ${{Sub and $${{Sub'.length, file.lineAt(0).text.length]) {
      const other = await complete(at);
      assert.ok(!other.items.some(({ detail }) => detail?.startsWith('First row') === true), `At ${at}.`);
    }
  });

  it('K11: the hover shows the template filled with the first row', async () => {
    const file = await open('prompt.md');
    const hover = async (character: number): Promise<string> => {
      const found = await commands.executeCommand<Hover[]>(
        'vscode.executeHoverProvider',
        file.uri,
        new Position(0, character),
      );
      return found
        .flatMap(({ contents }) => contents)
        .map((content) => (content instanceof MarkdownString ? content.value : ''))
        .join('\n');
    };
    assert.match(
      await hover(template.indexOf('Subject')),
      /A sticker of a red fox, watercolor, plain background\./,
    );
    assert.equal(await hover(2), '');
  });

  it('K8: changes of the keyword file that are not saved yet count at once', async () => {
    const prompt = await open('prompt.md');
    await soon(prompt, 0);
    const keywords = await newFile('moods.csv', 'Subject,Mood\nfox,calm\n');
    await configure({ 'files.keywordsFile': 'moods.csv' });
    await soon(prompt, 1);
    const editor = await window.showTextDocument(keywords);
    await editor.edit((edit) => edit.insert(new Position(0, 'Subject,Mood'.length), ',Style'));
    await editor.edit((edit) => edit.insert(new Position(1, 'fox,calm'.length), ',linocut'));
    await soon(prompt, 0);
    await keywords.save();
  });

  it('K8: a keyword file that changes on the disk counts too', async () => {
    const prompt = await open('prompt.md');
    await newFile('disk.csv', 'Subject,Style\nfox,calm\n');
    await configure({ 'files.keywordsFile': 'disk.csv' });
    await soon(prompt, 0);
    await workspace.fs.writeFile(Uri.file(join(folderPath(), 'disk.csv')), Buffer.from('Subject\nfox\n'));
    await soon(prompt, 1);
  });

  it('K12: Preview Prompts opens the prompts of the first rows, read-only and without any call', async () => {
    await run('previewPrompts', Uri.file(join(folderPath(), 'keywords.csv')));
    const editor = window.activeTextEditor;
    assert.ok(editor);
    assert.equal(editor.document.uri.scheme, 'genimagefactory-preview');
    const text = editor.document.getText();
    assert.match(text, /# Row 1\nSubject: red fox · Style: watercolor\n\nA sticker of a red fox, watercolor/);
    assert.match(text, /# Row 3\n/);
    assert.equal(workspace.fs.isWritableFileSystem(editor.document.uri.scheme), undefined);
  });
});
