import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { firstOfImage, isAhead, stages } from '../../../src/engine/model/status.ts';
import { steps } from '../../../src/engine/pipeline/pipeline.ts';
import { isHard } from '../../../src/engine/pipeline/policy.ts';
import { defaultSettings } from '../../../src/engine/settings/settings.ts';
import type * as Support from '../../support/engine/workspace.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('The table of steps', () => {
  it('P3: has every stage of an image once, in the order in which work goes on', () => {
    const inTable = steps.flatMap(({ parts = [], stage }) => [...parts, stage]);
    assert.deepEqual(
      inTable.filter((stage) => isAhead(stage, firstOfImage)),
      stages.filter((stage) => isAhead(stage, firstOfImage)),
    );
  });

  it('P12: has a way to go on for each stage whose failure is soft, and for no other', () => {
    const soft = stages.filter((stage) => !isHard(stage, defaultSettings()));
    assert.deepEqual(
      steps.flatMap(({ onFailure }) => Object.keys(onFailure)),
      soft,
    );
  });
});

/** A step that nobody has: keeps a copy of each original, unless the workspace says that it cannot. */
const archive = (onFailure: string): string => `
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FactoryError } from '../model/errors.ts';
import { spoken } from '../model/message.ts';
import { firstOfImage, isAhead, stageAfter } from '../model/status.ts';
import { readOriginal } from './pipelineImage.ts';
import type { Step } from './step.ts';

const nextStage = stageAfter('archive');

export const archive: Step<'archive'> = {
  stage: 'archive',
  applies: (image) => isAhead('archive', image.nextStage ?? firstOfImage),
  async run({ context, image }) {
    if (existsSync(join(context.files.root, 'no archive'))) throw new FactoryError('image.invalid', spoken('No room for it.'));
    await context.files.write(join(context.files.root, 'archive', image.id), await readOriginal(context, image));
    await context.journal.write((db) => context.journal.change(db, image, { nextStage }));
    return 'next';
  },
  onFailure: ${onFailure},
};
`;

describe('Adding a step', function () {
  this.timeout(120_000);
  let copy: string;

  /** The engine with one line more before the line that begins with `before`. */
  const addLine = (file: string, before: string, line: string): void => {
    const path = join(copy, 'src/engine', file);
    const lines = readFileSync(path, 'utf8').split('\n');
    const at = lines.findIndex((one) => one.startsWith(before));
    assert.ok(at > 0, `${file} has no line ${before}`);
    writeFileSync(path, lines.toSpliced(at, 0, line).join('\n'));
  };
  const addStep = (onFailure: string): void => {
    writeFileSync(join(copy, 'src/engine/pipeline/archive.ts'), archive(onFailure));
    addLine('model/status.ts', '  trim: {', "  archive: { label: 'Archive', failure: 'Archive Failed' },");
    addLine('pipeline/pipeline.ts', 'import { contentFlag }', "import { archive } from './archive.ts';");
    addLine('pipeline/pipeline.ts', '  finishing,', '  archive,');
  };
  const makeSoft = (): void => addLine('pipeline/policy.ts', '  trim: ', '  archive: notBeside,');
  const run = async (
    failing: boolean,
  ): Promise<{ image: ReturnType<typeof Support.imagesOf>[number]; files: string[]; logs: string[] }> => {
    const at = pathToFileURL(join(copy, 'test/support/engine/workspace.ts')).href;
    const support = (await import(at)) as typeof Support;
    const workspace = await support.openWorkspace(support.noServices);
    try {
      if (failing) writeFileSync(join(workspace.root, 'no archive'), '');
      const jobId = await support.planJob(
        workspace,
        support.testSettings({
          'provider.image': 'sample',
          'provider.text': 'sample',
          'generation.count': 1,
        }),
      );
      await support.workOnJob(workspace, jobId);
      const [image] = support.imagesOf(workspace);
      assert.ok(image !== undefined);
      return {
        image,
        files: failing ? [] : support.filesIn(workspace, 'archive'),
        logs: support.logsOf(workspace, jobId),
      };
    } finally {
      workspace.close();
    }
  };
  /** What the compiler says of the engine, or of the step alone. */
  const faults = (of: 'engine' | 'step'): string[] => {
    const read = (path: string): string => readFileSync(path, 'utf8');
    const config = ts.readConfigFile(join(root, 'tsconfig.json'), read).config as { compilerOptions: object };
    const { options } = ts.parseJsonConfigFileContent(
      { compilerOptions: config.compilerOptions, files: [] },
      ts.sys,
      copy,
    );
    const program = ts.createProgram([join(copy, 'src/engine/pipeline/pipeline.ts')], options);
    const step = program.getSourceFile(join(copy, 'src/engine/pipeline/archive.ts'));
    return ts
      .getPreEmitDiagnostics(program, of === 'step' ? step : undefined)
      .map(
        ({ file, messageText }) =>
          `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
      );
  };

  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'factory-step-'));
    cpSync(join(root, 'src/engine'), join(copy, 'src/engine'), { recursive: true });
    cpSync(join(root, 'test/support'), join(copy, 'test/support'), {
      recursive: true,
      filter: (path) => !path.includes('vscode'),
    });
    cpSync(join(root, 'package.json'), join(copy, 'package.json'));
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  });
  afterEach(() => rmSync(copy, { recursive: true, force: true }));

  it('P3: is its file, its words and its row; images then take it in its place', async () => {
    addStep('{}');
    assert.deepEqual(faults('engine'), []);
    const { image, files } = await run(false);
    assert.equal(image.status, 'approved');
    assert.deepEqual(files, [image.id]);
  });

  it('P12: its failure fails the image, in its own words', async () => {
    addStep('{ archive: { nextStage } }');
    const hard = await run(true);
    assert.deepEqual([hard.image.status, hard.image.failure?.stage], ['failed', 'archive']);
    assert.ok(hard.logs.includes('Image 1-1: Archive Failed: No room for it.'), hard.logs.join('\n'));
  });

  it('P12: one row of the policy makes its failure soft; without a way to go on that does not compile', async () => {
    addStep('{}');
    makeSoft();
    const [fault = '', ...more] = faults('step');
    assert.match(fault, /pipeline\/archive\.ts: .*'archive' is missing/);
    assert.deepEqual(more, []);
    writeFileSync(join(copy, 'src/engine/pipeline/archive.ts'), archive('{ archive: { nextStage } }'));
    const { image } = await run(true);
    assert.equal(image.status, 'approved');
    assert.deepEqual(
      image.softFailures.map(({ stage }) => stage),
      ['archive'],
    );
  });
});
