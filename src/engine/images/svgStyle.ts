/** Style text of an SVG from outside: parsed, judged rule by rule, and written anew from what is left. */
import { generate, parse, walk } from 'css-tree';
import type { CssNode, Declaration, List, ListItem } from 'css-tree';

/** More is made to exhaust a parser, not to draw. */
const maxStyleText = 128 * 1024;
const maxNesting = 64;
/** The parser looks at the whole text again for each of its errors. */
const maxErrors = 50;

/** At-rules that choose between rules or move what is drawn; every other one loads something or means nothing here. */
const allowedAtRules = new Set(['media', 'supports', 'keyframes', '-webkit-keyframes', '-moz-keyframes']);

/** Functions that can name a file, and those of old browsers that run something. */
const loadingFunctions = new Set([
  'url',
  'src',
  'image',
  'image-set',
  '-webkit-image-set',
  'cross-fade',
  '-webkit-cross-fade',
  'element',
  '-moz-element',
  'paint',
  'expression',
]);

const runningProperties = new Set(['behavior', 'behaviour', '-moz-binding', '-ms-behavior']);

/** A reference to an element of the same drawing. */
const reference = /^#[^\s"'()\\<>]+$/u;

/**
 * The same style sheet without what loads or runs anything: only the rule or declaration that would goes, the
 * others stay. Empty when nothing is left or the text is no style sheet.
 */
export function harmlessStyleSheet(css: string): string {
  return harmless(css, 'stylesheet');
}

/** The same for the declarations of a `style` attribute. */
export function harmlessDeclarations(css: string): string {
  return harmless(css, 'declarationList');
}

/** True for `url(#id)` and nothing else, the only address that an attribute may hold. */
export function isOwnReference(value: string): boolean {
  const inside = /^url\(([^()]*)\)$/iu.exec(value.trim())?.[1]?.trim();
  if (inside === undefined) return false;
  const quote = inside.charAt(0);
  const quoted = quote === '"' || quote === "'";
  if (quoted && !inside.endsWith(quote)) return false;
  return reference.test(quoted ? inside.slice(1, -1) : inside);
}

function harmless(css: string, context: 'stylesheet' | 'declarationList'): string {
  if (css.length > maxStyleText || nestingOf(css) > maxNesting) return '';
  let errors = 0;
  const onParseError = (error: Error): void => {
    if (++errors > maxErrors) throw error;
  };
  let tree: CssNode;
  try {
    tree = parse(css, { context, parseCustomProperty: true, parseAtrulePrelude: false, onParseError });
  } catch {
    return '';
  }
  walk(tree, {
    // A part that stands alone (the head of an at-rule, a value) is judged with what it belongs to.
    enter(node: CssNode, item: ListItem<CssNode>, list: List<CssNode> | undefined) {
      if (!isKept(node)) list?.remove(item);
    },
  });
  const text = generate(tree);
  // No tag can begin in it, wherever the drawing is placed later.
  return text.includes('<') ? '' : text;
}

function isKept(node: CssNode): boolean {
  switch (node.type) {
    case 'Atrule':
      return allowedAtRules.has(node.name) && !/[\\<]|url\s*\(/iu.test(generate({ ...node, block: null }));
    case 'Rule':
      return node.prelude.type !== 'Raw' && !generate(node.prelude).includes('<');
    case 'Declaration':
      return isHarmlessDeclaration(node);
    case 'Raw':
    case 'Comment':
    case 'CDO':
    case 'CDC':
      // Where a rule or declaration should stand: what the parser could not read, a browser might.
      return false;
    default:
      return true;
  }
}

function isHarmlessDeclaration(declaration: Declaration): boolean {
  if (/[\\<]/u.test(declaration.property)) return false;
  if (runningProperties.has(declaration.property.toLowerCase())) return false;
  if (generate(declaration.value).includes('<')) return false;
  let kept = true;
  walk(declaration.value, (node) => {
    if (node.type === 'Url') kept &&= reference.test(node.value);
    // An escaped name is another name to whoever reads it next.
    else if (node.type === 'Function') {
      kept &&= !node.name.includes('\\') && !loadingFunctions.has(node.name.toLowerCase());
    } else if (node.type === 'Raw') kept = false;
  });
  return kept;
}

/** How deep brackets are nested at most, whatever they mean: counted before a parser follows them. */
function nestingOf(css: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of css) {
    if ('({['.includes(character)) deepest = Math.max(deepest, ++depth);
    else if (')}]'.includes(character)) depth = Math.max(0, depth - 1);
  }
  return deepest;
}
