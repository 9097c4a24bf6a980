/**
 * Writes `l10n/bundle.l10n.json`: every text that the extension host shows by `l10n.t`, for translators.
 * `--check` writes nothing and fails when it is stale.
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';
import { inWords } from '../src/engine/model/message.ts';
import {
  damagedLabel,
  imageReasons,
  imageStatusLabels,
  jobStatusLabels,
  reasonLabel,
  stageFailureLabels,
} from '../src/engine/model/status.ts';
import { timeLeftWords } from '../src/engine/model/timeLeft.ts';
import { remedyLabels } from '../src/engine/providers/remedies.ts';
import { root } from './bundle.mts';

/** Words that have their owner in the engine and are translated where they are shown, by the name of their table. */
const TABLES: Record<string, readonly string[]> = {
  jobStatusLabels: Object.values(jobStatusLabels),
  jobStatusLabel: [...Object.values(jobStatusLabels), damagedLabel],
  imageStatusLabels: Object.values(imageStatusLabels),
  stageFailureLabels: Object.values(stageFailureLabels),
  remedyLabels: Object.values(remedyLabels).map(inWords),
  timeLeftWords: Object.values(timeLeftWords),
  // Every word that the functions can say.
  imageStatusLabel: [
    ...Object.values(imageStatusLabels),
    ...Object.values(stageFailureLabels),
    ...imageReasons.map(reasonLabel),
    damagedLabel,
  ],
  reasonLabel: imageReasons.map(reasonLabel),
};

export const bundlePath: string = join(root, 'l10n/bundle.l10n.json');

/** All words of the table that an expression looks one up in. */
function tableOf(node: ts.Expression | undefined): readonly string[] | undefined {
  if (node === undefined) return undefined;
  if (ts.isCallExpression(node) && node.expression.getText() === 'inWords') return tableOf(node.arguments[0]);
  const looksUp =
    ts.isElementAccessExpression(node) || ts.isPropertyAccessExpression(node) || ts.isCallExpression(node);
  return looksUp && ts.isIdentifier(node.expression) ? TABLES[node.expression.text] : undefined;
}

/** The texts of one `l10n.t` call: a literal, or all words of the table that it looks up. Fails for anything else. */
function textsOf(call: ts.CallExpression, file: string): readonly string[] {
  const [text] = call.arguments;
  if (text !== undefined && ts.isStringLiteralLike(text)) return [text.text];
  const words = tableOf(text);
  if (words === undefined) {
    throw new Error(`${file}: l10n.t must be given a text, not ${text?.getText() ?? 'nothing'}.`);
  }
  return words;
}

function isTranslation(node: ts.Node): node is ts.CallExpression {
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    node.expression.getText() === 'l10n.t'
  );
}

/** Fails when a text has a place, like {1}, that its call fills with nothing: the user would read the braces. */
function checkPlaces(text: string, call: ts.CallExpression, file: string): void {
  const values = call.arguments.slice(1);
  // One object or a list of unknown length fills its places by name or at run time.
  if (values.some((value) => ts.isSpreadElement(value) || ts.isObjectLiteralExpression(value))) return;
  const places = [...text.matchAll(/\{(\d+)\}/gu)].map(([, place]) => Number(place));
  const needed = Math.max(-1, ...places) + 1;
  if (new Set(places).size !== values.length || needed !== values.length) {
    throw new Error(`${file}: "${text}" has places for ${needed} values, its call gives ${values.length}.`);
  }
}

/** Every text of the extension, as its own key and value, sorted. */
export function bundleTexts(): Record<string, string> {
  const texts = new Set<string>();
  for (const file of globSync('src/extension/**/*.ts', { cwd: root }).sort()) {
    const source = ts.createSourceFile(
      file,
      readFileSync(join(root, file), 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    );
    const visit = (node: ts.Node): void => {
      if (isTranslation(node)) {
        for (const text of textsOf(node, file)) {
          checkPlaces(text, node, file);
          texts.add(text);
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return Object.fromEntries([...texts].sort().map((text) => [text, text]));
}

/** The bundle as the file holds it. */
export async function bundleText(): Promise<string> {
  const options = await resolveConfig(bundlePath);
  return format(JSON.stringify(bundleTexts(), null, 2), { ...options, filepath: bundlePath });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await bundleText();
  if (process.argv.includes('--check')) {
    if (readFileSync(bundlePath, 'utf8') !== text) {
      console.error('l10n/bundle.l10n.json is stale. Run: npm run l10n');
      process.exitCode = 1;
    }
  } else {
    mkdirSync(dirname(bundlePath), { recursive: true });
    writeFileSync(bundlePath, text);
  }
}
