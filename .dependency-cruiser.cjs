/** Descriptors of providers: data below the settings, of which the rest of `providers/` knows nothing more. */
const registry =
  '^src/engine/providers/((registry|descriptor|modelFacts)\\.ts$|[^/]+/(descriptor|promptFlags|[a-zA-Z]*[mM]odels)\\.ts$)';

/**
 * Imports point down (docs/architecture.md): model <- files, descriptors of providers <- settings, keywords <- images
 * <- providers, store <- pipeline, exports <- planning <- runner <- queue <- factory <- faces. Each room may import from
 * itself and from the rooms named.
 */
const engine = {
  model: [],
  files: ['model'],
  settings: ['model', 'providers/(registry|descriptor)\\.ts'],
  keywords: ['model', 'settings'],
  images: ['model', 'files', 'settings', 'keywords'],
  // The sample provider draws and cuts out by itself.
  providers: ['model', 'settings', 'keywords', 'images'],
  store: ['model', 'files', 'settings', 'keywords'],
  pipeline: ['model', 'files', 'settings', 'keywords', 'providers', 'images', 'store'],
  exports: ['model', 'files', 'settings', 'keywords', 'providers', 'images', 'store'],
  planning: ['model', 'files', 'settings', 'keywords', 'providers', 'images', 'store', 'pipeline'],
  runner: ['model', 'files', 'settings', 'keywords', 'providers', 'images', 'store', 'pipeline'],
  queue: [
    'model',
    'files',
    'settings',
    'keywords',
    'providers',
    'images',
    'store',
    'pipeline',
    'planning',
    'runner',
  ],
};

const rooms = Object.entries(engine).map(([room, below]) => ({
  name: `engine-${room}`,
  comment: `src/engine/${room} imports only from ${[room, ...below].join(', ')}.`,
  severity: 'error',
  from: { path: `^src/engine/${room}/` },
  to: { path: '^src/', pathNot: `^src/engine/(${[room, ...below].map(inside).join('|')})` },
}));

/** A whole room, or the files that are named in it. */
function inside(room) {
  return room.endsWith('.ts') ? `${room}$` : `${room}/`;
}

module.exports = {
  forbidden: [
    ...rooms,
    {
      name: 'pixels-in-their-process',
      comment: 'Work on pixels is asked for at images/pixelPool.ts and done in processes that can be ended.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/engine/images/pixels/' },
      to: { path: '^src/engine/images/pixels/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'descriptors-are-data',
      comment:
        'What is known of a provider without calling it lies below the settings and imports the model and its texts only.',
      severity: 'error',
      from: { path: registry },
      to: { pathNot: `^src/engine/(model/|providers/messages\\.ts$)|${registry}` },
    },
    {
      name: 'provider-folders-by-the-registry',
      comment: 'Only registry.ts and builders.ts know the folders of providers.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/engine/providers/((registry|builders)\\.ts$|[^/]+/)' },
      to: { path: '^src/engine/providers/[^/]+/' },
    },
    {
      name: 'provider-folders-apart',
      comment: 'A provider knows nothing of another one.',
      severity: 'error',
      from: { path: '^src/engine/providers/([^/]+)/' },
      to: { path: '^src/engine/providers/[^/]+/', pathNot: '^src/engine/providers/$1/' },
    },
    {
      name: 'engine-below-faces',
      comment: 'The engine knows nothing of VS Code, the terminal or a browser.',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { path: '^src/(cli|extension|webviews)/|^vscode$' },
    },
    {
      name: 'faces-enter-by-the-door',
      comment:
        'Faces use factory.ts; the words (model), the settings, templates and the catalogue are shared. ' +
        'The lease file alone is read before anything of the engine is loaded; paths as texts, single files and what a view may load are asked at once; the consent to a cost has one owner.',
      severity: 'error',
      from: { path: '^src/(cli|extension)/' },
      to: {
        path: '^src/engine/(files|store|pipeline|planning|runner|queue|images|exports|factory)/',
        pathNot: '^src/engine/(store/leaseFile|files/(inside|shown|inputs|rootText)|planning/consent)\\.ts$',
      },
    },
    {
      name: 'webviews-stay-in-the-browser',
      comment:
        'Browser code shares words, settings and the catalogue; nothing of Node, the host or the store.',
      severity: 'error',
      from: { path: '^src/webviews/', pathNot: '^src/webviews/protocol\\.ts$' },
      to: {
        path: '^src/(cli|extension|engine/(files|store|pipeline|planning|runner|queue|images|exports|factory))|^vscode$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'webviews-without-node',
      severity: 'error',
      from: { path: '^src/webviews/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'extension-imports-only-the-protocol',
      comment: 'The host knows the messages, not the views.',
      severity: 'error',
      from: { path: '^src/extension/' },
      to: { path: '^src/(webviews/(?!protocol)|cli/)' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'only-what-is-there',
      comment: 'An import that nothing answers, or a package that package.json does not name.',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true, pathNot: '^vscode$' },
    },
    {
      name: 'product-without-test-tools',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
