/** How much work a drawing makes for what draws it: bounded before it is rasterised. */
import type { Element } from '@xmldom/xmldom';
import { FactoryError } from '../model/errors.ts';
import type { Message } from '../model/message.ts';
import { messages } from './messages.ts';

/** Each is far over what drawings have, and drawn within a second. */
const bounds = {
  characters: 20_000,
  filterSteps: 64,
  noises: 4,
  octaves: 10,
  /** Elements drawn, counting those that `use` repeats. */
  drawn: 50_000,
};

/** Fails with `image.invalid` for a cleaned drawing that would hold up what draws it. */
export function checkDrawingCost(root: Element): void {
  const all = Array.from(root.getElementsByTagName('*'));
  const characters = all
    .filter(({ localName }) => localName === 'text')
    .reduce((sum, { textContent }) => sum + (textContent ?? '').length, 0);
  if (characters > bounds.characters) throw tooMuch(messages.drawingText({ characters }));
  const steps = all.filter(({ localName }) => /^fe[A-Z]/.test(localName ?? ''));
  if (steps.length > bounds.filterSteps) throw tooMuch(messages.drawingFilters({ steps: steps.length }));
  const noises = steps.filter(({ localName }) => localName === 'feTurbulence');
  if (noises.length > bounds.noises) throw tooMuch(messages.drawingNoises({ noises: noises.length }));
  for (const noise of noises) {
    const octaves = Number(noise.getAttribute('numOctaves') ?? 1);
    if (!(octaves <= bounds.octaves)) throw tooMuch(messages.drawingOctaves({ octaves }));
  }
  const drawn = drawnBy(root, idsOf(all), new Map());
  if (drawn > bounds.drawn) throw tooMuch(messages.drawingRepeats({ most: bounds.drawn }));
}

function idsOf(elements: readonly Element[]): ReadonlyMap<string, Element> {
  const ids = new Map<string, Element>();
  for (const element of elements) {
    const id = element.getAttribute('id');
    if (id !== null && id !== '' && !ids.has(id)) ids.set(id, element);
  }
  return ids;
}

/** Elements drawn for this one, each counted once per `use`; a circle draws nothing more. */
function drawnBy(element: Element, ids: ReadonlyMap<string, Element>, known: Map<Element, number>): number {
  const counted = known.get(element);
  if (counted !== undefined) return counted;
  known.set(element, 0);
  let drawn = 1;
  for (let child = element.firstChild; child !== null; child = child.nextSibling) {
    if (child.nodeType === child.ELEMENT_NODE) drawn += drawnBy(child as Element, ids, known);
  }
  for (const target of targetsOf(element, ids)) drawn += drawnBy(target, ids, known);
  known.set(element, drawn);
  return drawn;
}

/** What is drawn in this element's place or upon it: the shape that it uses, its pattern, marker or mask. */
function targetsOf(element: Element, ids: ReadonlyMap<string, Element>): Element[] {
  const names: string[] = [];
  for (const { localName, value } of Array.from(element.attributes)) {
    const name = localName === 'href' ? /^\s*#(\S+)/.exec(value)?.[1] : undefined;
    if (name !== undefined) names.push(name);
    for (const [, used] of value.matchAll(/url\(["']?#([^\s"')]+)/gu)) names.push(used ?? '');
  }
  return names.flatMap((name) => ids.get(name) ?? []);
}

function tooMuch(told: Message): FactoryError {
  return new FactoryError('image.invalid', told);
}
