/**
 * Scrolling inside the page only: `scrollIntoView` and the focus go on to the frames that VS Code has around a
 * view, and move the whole view by some pixels for good.
 */

function around(node: Node): Node | null {
  if (node instanceof ShadowRoot) return node.host;
  return (node instanceof Element ? node.assignedSlot : null) ?? node.parentNode;
}

function scrollerOf(element: Element): Element | null {
  for (let node = around(element); node !== null; node = around(node)) {
    if (node instanceof Element && /auto|scroll/.test(getComputedStyle(node).overflowY)) return node;
  }
  return null;
}

/** Brings an element to the beginning or middle of what scrolls it, or only as far as it must go. */
export function bringIntoView(element: Element, place: 'start' | 'center' | 'nearest'): void {
  const scroller = scrollerOf(element);
  if (scroller === null) return;
  const room = scroller.getBoundingClientRect();
  const box = element.getBoundingClientRect();
  const above = box.top - room.top;
  const below = box.bottom - room.bottom;
  const steps = {
    start: above,
    center: (above + below) / 2,
    nearest: above < 0 ? above : Math.max(0, Math.min(below, above)),
  };
  scroller.scrollTop += steps[place];
}
