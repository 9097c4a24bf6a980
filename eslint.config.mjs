import js from '@eslint/js';
import { configs as lit } from 'eslint-plugin-lit';
import regexp from 'eslint-plugin-regexp';
import { configs as ts, config } from 'typescript-eslint';
import { noFreeText } from './scripts/eslint/noFreeText.mjs';
import { noProviderNames } from './scripts/eslint/noProviderNames.mjs';

/** Loaded when first needed, so that activation stays cheap: only `import type` and `await import()`. */
const heavy = ['sharp', 'exceljs', 'archiver', 'openai', 'better-sqlite3'].map((name) => ({
  name,
  message: 'Load it with await import() on first need.',
  allowTypeImports: true,
}));

/** Whatever touches files whose names come from rows, settings or folders goes through one room. */
const filesystem = ['node:fs', 'node:fs/promises', 'fs', 'fs/promises'].map((name) => ({
  name,
  message: 'src/engine/files/ alone touches files that rows, settings or folders from elsewhere name.',
  allowTypeImports: true,
}));

const touchesFiles = [
  'src/engine/files/**',
  // The database and what lies beside it: names that the program gives, in a folder that is looked at for links.
  'src/engine/store/{changes,database,inspection,leaseFile,logSync,opening,ownership,permissions,preparation}.ts',
  // Stores from elsewhere, copied into a folder of this process and looked at there.
  'src/engine/store/{foreign,foreignWorker}.ts',
  // The secret of this user, and files of the bundle.
  'src/engine/store/identity.ts',
  'src/engine/model/workerFile.ts',
  // Pictures on their way to another process, in a folder of this one.
  'src/engine/images/{pixelProcess,pixelWire}.ts',
  'src/engine/images/pixels/pixelWorker.ts',
  // Is there a folder, a store, a file of that name: what the command line was given, and no more.
  'src/cli/{command,context,files,settingSources}.ts',
  'src/extension/workspaceSession.ts',
  'src/extension/actions/ignores.ts',
  // Files of the bundle, and where they are copied to: a new folder that the user has just named.
  'src/extension/panels/page.ts',
  'src/extension/actions/sampleWorkspace.ts',
];

const consent = {
  regex: 'planning/consent\\.ts$',
  importNames: ['agreed', 'Consent', 'unasked'],
  allowTypeImports: true,
  message: 'What costs is asked about in one place of each face: use confirm.ts or consent.ts there.',
};

/** A later block replaces the whole list of an earlier one: each has it. */
const freeText = {
  selector:
    "CallExpression[callee.name='spoken'] > :matches(Literal, TemplateLiteral, BinaryExpression, ConditionalExpression)",
  message:
    "What people are told stands in the room's messages.ts; `spoken` is for words that are made already.",
};

const sqlElsewhere = [
  {
    selector: 'CallExpression[callee.property.name=/^(sql|prepare|pragma)$/]',
    message: 'Only store/ speaks SQL: give the query a name there.',
  },
  {
    selector:
      'CallExpression[callee.property.name="exec"] > :matches(Literal[value=/^\\s*[A-Z]+ /], TemplateLiteral.arguments)',
    message: 'Only store/ speaks SQL: give the statement a name there.',
  },
];
/** Files of the engine that hold texts beside the keys by which they are known, and such that no person is told. */
const textTables = [
  'messages.ts',
  // Labels of closed sets: settings, statuses, steps, columns and sheets.
  'providers/*/descriptor.ts',
  'settings/{features,files,generation,jsonSchema,metadata,parameters,processing}.ts',
  'model/{job,settingDefinition,status}.ts',
  'exports/{archive,columns,destination,workbook}.ts',
  // What models are told, and what the provider for trying out answers.
  'keywords/builtIn.ts',
  'providers/openai/text.ts',
  'providers/sample/*.ts',
  // Names of models, formats, folders and marks.
  'providers/piapi/promptFlags.ts',
  'providers/runware/models.ts',
  'files/userFolder.ts',
  'images/{marks,svg}/**',
  'images/svg*.ts',
  'images/pixels/sharp.ts',
].map((file) => `src/engine/**/${file}`);

export default config(
  { ignores: ['node_modules/', 'dist/', 'out/', 'test/fixtures/', 'test/support/vscode/*/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.mts'],
    extends: [ts.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // TypeScript itself knows which names exist.
      'no-undef': 'off',
      eqeqeq: 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true } }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-restricted-imports': ['error', { paths: heavy, patterns: [consent] }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
    },
  },
  {
    // Texts from outside decide how long a search takes: it must grow with their length, not with its square.
    files: ['src/**/*.ts'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignoreSticky: true }],
    },
  },
  {
    files: ['src/{engine,cli,extension}/**/*.ts'],
    ignores: touchesFiles,
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths: [...heavy, ...filesystem], patterns: [consent] },
      ],
    },
  },
  {
    // The one place of each face that asks.
    files: ['src/extension/actions/confirm.ts', 'src/cli/consent.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { paths: [...heavy, ...filesystem] }] },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/engine/providers/**'],
    plugins: { local: { rules: { 'no-provider-names': noProviderNames } } },
    rules: { 'local/no-provider-names': 'error' },
  },
  {
    files: ['src/engine/**/*.ts'],
    ignores: textTables,
    plugins: { engine: { rules: { 'no-free-text': noFreeText } } },
    rules: { 'engine/no-free-text': 'error' },
  },
  { files: ['src/**/*.ts'], rules: { 'no-restricted-syntax': ['error', freeText] } },
  { files: ['test/support/reporter.ts'], rules: { 'no-restricted-exports': 'off' } },
  {
    // VS Code takes anything with dispose() where its types name the class Disposable.
    files: ['src/extension/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  {
    files: ['src/extension/**/*.ts'],
    ignores: ['src/extension/messages.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        freeText,
        {
          selector:
            "MemberExpression[object.name='window'][property.name=/^(show(Information|Warning|Error)Message|withProgress)$/]",
          message: 'Use messages.ts: there names from outside stay text.',
        },
      ],
    },
  },
  {
    files: ['src/engine/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'emitWarning',
          message: 'Tell the logger of the factory: faces show it.',
        },
      ],
    },
  },
  {
    files: ['src/engine/**/*.ts', 'src/cli/**/*.ts'],
    ignores: ['src/engine/store/**'],
    rules: {
      'no-restricted-syntax': ['error', freeText, ...sqlElsewhere],
    },
  },
  {
    files: ['src/cli/**/*.ts'],
    ignores: ['src/cli/terminal.ts', 'src/cli/main.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        freeText,
        ...sqlElsewhere,
        {
          selector: 'CallExpression[callee.property.name=/^(out|err|write)$/]',
          message: 'Print by line, block, put or jsonLine: there words from outside cannot steer a terminal.',
        },
      ],
    },
  },
  {
    files: ['src/webviews/**/*.ts'],
    extends: [lit['flat/recommended']],
    rules: { 'lit/no-template-map': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: { process: 'readonly', module: 'writable', console: 'readonly' } },
  },
);
