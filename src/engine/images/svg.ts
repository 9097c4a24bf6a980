/** SVG from outside: made harmless by keeping only what draws, and measured from its root element. */
import { DOMParser, XMLSerializer } from '@xmldom/xmldom';
import type { Attr, Element, Node } from '@xmldom/xmldom';
import { FactoryError } from '../model/errors.ts';
import { checkMarkup } from './svgMarkup.ts';
import { svgSize } from './svgSize.ts';
import { checkDrawingCost } from './svgCost.ts';
import { harmlessDeclarations, harmlessStyleSheet, isOwnReference } from './svgStyle.ts';
import { messages } from './messages.ts';

const svgNamespace = 'http://www.w3.org/2000/svg';
const xlinkNamespace = 'http://www.w3.org/1999/xlink';

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** What draws and cannot load, run or animate anything. */
const allowedElements = words(`svg g defs symbol use title desc switch path rect circle ellipse line polyline
  polygon text tspan textPath image marker pattern mask clipPath linearGradient radialGradient stop style filter
  feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap
  feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode
  feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence`);

const allowedAttributes =
  words(`id class style width height viewBox preserveAspectRatio x y x1 y1 x2 y2 cx cy r rx
  ry dx dy d points pathLength transform fx fy fr offset gradientUnits gradientTransform spreadMethod patternUnits
  patternContentUnits patternTransform clipPathUnits maskUnits maskContentUnits markerWidth markerHeight markerUnits
  refX refY orient version fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap
  stroke-linejoin stroke-miterlimit stroke-dasharray stroke-dashoffset opacity color display visibility overflow
  clip-path clip-rule mask filter marker-start marker-mid marker-end paint-order vector-effect shape-rendering
  color-interpolation color-interpolation-filters stop-color stop-opacity flood-color flood-opacity lighting-color
  mix-blend-mode isolation font-family font-size font-style font-weight font-stretch font-variant text-anchor
  dominant-baseline alignment-baseline baseline-shift letter-spacing word-spacing text-decoration writing-mode
  textLength lengthAdjust rotate startOffset method spacing side in in2 result type values mode operator k1 k2 k3
  k4 order kernelMatrix divisor bias targetX targetY edgeMode kernelUnitLength preserveAlpha surfaceScale
  diffuseConstant specularConstant specularExponent limitingConeAngle pointsAtX pointsAtY pointsAtZ z azimuth
  elevation scale xChannelSelector yChannelSelector stdDeviation radius baseFrequency numOctaves seed stitchTiles
  tableValues slope intercept amplitude exponent filterUnits primitiveUnits lang space mask-type transform-origin
  transform-box systemLanguage`);

/** Deeper nesting is made to exhaust a parser, not to draw. */
const maxDepth = 256;

/**
 * The same drawing without scripts, event attributes, foreign content, animation, entities and references to
 * anything outside the file. Fails with `image.invalid` when it is no well-formed SVG or declares entities.
 */
export function sanitizeSvg(bytes: Uint8Array): Uint8Array {
  const root = cleaned(new TextDecoder().decode(bytes));
  return new TextEncoder().encode(new XMLSerializer().serializeToString(root));
}

/**
 * A harmless copy of the drawing that renders with its longer side at `side` pixels, whatever size it
 * declares; with its pixel size.
 */
export function svgForPreview(
  bytes: Uint8Array,
  side: number,
): { svg: Uint8Array; width: number; height: number } {
  const text = new TextDecoder().decode(bytes);
  const size = svgSize(text) ?? { width: 1, height: 1 };
  const root = cleaned(text);
  const scale = side / Math.max(size.width, size.height);
  const width = Math.max(1, Math.round(size.width * scale));
  const height = Math.max(1, Math.round(size.height * scale));
  if (!root.hasAttribute('viewBox')) root.setAttribute('viewBox', `0 0 ${size.width} ${size.height}`);
  root.setAttribute('width', String(width));
  root.setAttribute('height', String(height));
  return { svg: new TextEncoder().encode(new XMLSerializer().serializeToString(root)), width, height };
}

function cleaned(text: string): Element {
  const root = parse(text);
  cleanElement(root, 0);
  checkDrawingCost(root);
  return root;
}

function parse(text: string): Element {
  checkMarkup(text);
  const parser = new DOMParser({
    onError: (level, message) => {
      if (level !== 'warning') throw new Error(message);
    },
  });
  let root: Element | null;
  try {
    root = parser.parseFromString(text, 'image/svg+xml').documentElement;
  } catch (error) {
    throw new FactoryError('image.invalid', messages.notWellFormed(), { cause: error });
  }
  if (root === null || root.localName !== 'svg' || (root.namespaceURI ?? svgNamespace) !== svgNamespace) {
    throw new FactoryError('image.invalid', messages.noSvgRoot());
  }
  return root;
}

function cleanElement(element: Element, depth: number): void {
  if (depth > maxDepth) throw tooDeep();
  for (const attribute of Array.from(element.attributes)) cleanAttribute(element, attribute);
  if (element.localName === 'style') {
    cleanStyleElement(element);
    return;
  }
  for (const child of childrenOf(element)) cleanChild(element, child, depth);
}

function cleanChild(parent: Element, child: Node, depth: number): void {
  if (isElement(child)) {
    if (isAllowedElement(child)) cleanElement(child, depth + 1);
    else if (isLink(child)) unwrap(parent, child, depth);
    else parent.removeChild(child);
  } else if (child.nodeType === child.CDATA_SECTION_NODE) {
    // As text it is escaped, also where the drawing is placed into a page.
    const text = parent.ownerDocument?.createTextNode(child.nodeValue ?? '');
    if (text === undefined) parent.removeChild(child);
    else parent.replaceChild(text, child);
  } else if (child.nodeType !== child.TEXT_NODE) parent.removeChild(child);
}

/** A link around shapes gives way to the shapes. */
function unwrap(parent: Element, link: Element, depth: number): void {
  if (depth > maxDepth) throw tooDeep();
  for (const child of childrenOf(link)) {
    parent.insertBefore(child, link);
    cleanChild(parent, child, depth + 1);
  }
  parent.removeChild(link);
}

function cleanStyleElement(element: Element): void {
  const css = harmlessStyleSheet(element.textContent ?? '');
  for (const child of childrenOf(element)) element.removeChild(child);
  const document = element.ownerDocument;
  if (css !== '' && document !== null) element.appendChild(document.createTextNode(css));
}

function cleanAttribute(element: Element, attribute: Attr): void {
  const name = attribute.localName ?? attribute.name;
  const declaresNamespace = attribute.name === 'xmlns' || attribute.name.startsWith('xmlns:');
  if (declaresNamespace && [svgNamespace, xlinkNamespace].includes(attribute.value)) return;
  const foreign = (attribute.namespaceURI ?? '') !== '' && !['xml', 'xlink'].includes(attribute.prefix ?? '');
  const kept = !declaresNamespace && !foreign && harmlessValue(element, name, attribute.value);
  if (typeof kept === 'string') attribute.value = kept;
  else element.removeAttributeNode(attribute);
}

/** The value to keep, or false. */
function harmlessValue(element: Element, name: string, value: string): string | false {
  if (name === 'href') {
    const inside = /^\s*#/.test(value);
    const embedded =
      element.localName === 'image' &&
      /^\s*data:image\/(?:png|jpe?g|webp);base64,[\sA-Za-z0-9+/=]*$/.test(value);
    return inside || embedded ? value : false;
  }
  if (!allowedAttributes.has(name)) return false;
  if (name === 'style') return harmlessDeclarations(value) || false;
  if (/url\s*\(|\\/i.test(value)) return isOwnReference(value) && value;
  return value;
}

function isLink(element: Element): boolean {
  return (element.namespaceURI ?? svgNamespace) === svgNamespace && element.localName === 'a';
}

function tooDeep(): FactoryError {
  return new FactoryError('image.invalid', messages.nestedTooDeep({ levels: maxDepth }));
}

function isAllowedElement(element: Element): boolean {
  return (
    (element.namespaceURI ?? svgNamespace) === svgNamespace && allowedElements.has(element.localName ?? '')
  );
}

function childrenOf(element: Element): Node[] {
  return Array.from(element.childNodes);
}

function isElement(node: Node): node is Element {
  return node.nodeType === node.ELEMENT_NODE;
}
