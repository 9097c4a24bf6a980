/** How large an SVG drawing says it is; apart from the parser, so that looking at a header loads none. */

import { rootAttributes } from './svgMarkup.ts';

/** The size in pixels that the root element declares (or its view box); null when it declares none that holds. */
export function svgSize(text: string): { width: number; height: number } | null {
  const attributes = rootAttributes(text);
  if (attributes === null) return null;
  const attribute = (name: string): string | undefined => attributes.get(name);
  const box = (attribute('viewBox') ?? '')
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const [boxWidth, boxHeight] = box.length === 4 && box.every(Number.isFinite) ? [box[2], box[3]] : [];
  let width = pixels(attribute('width'));
  let height = pixels(attribute('height'));
  // One side given: the other follows the view box.
  if (boxWidth !== undefined && boxHeight !== undefined && boxWidth > 0 && boxHeight > 0) {
    width ??= height === null ? boxWidth : (height * boxWidth) / boxHeight;
    height ??= (width * boxHeight) / boxWidth;
  }
  // The size that browsers give a drawing without any.
  const rounded = { width: Math.round(width ?? 300), height: Math.round(height ?? 150) };
  return rounded.width >= 1 && rounded.height >= 1 ? rounded : null;
}

const pixelsPerUnit: Record<string, number> = {
  '': 1,
  px: 1,
  pt: 96 / 72,
  pc: 16,
  in: 96,
  cm: 96 / 2.54,
  mm: 96 / 25.4,
};

function pixels(value: string | undefined): number | null {
  const match = /^([\d.]+(?:e[+-]?\d+)?)\s*([a-z]*)$/i.exec((value ?? '').trim());
  const unit = pixelsPerUnit[(match?.[2] ?? '').toLowerCase()];
  const number = Number(match?.[1]);
  return match === null || unit === undefined || !Number.isFinite(number) ? null : number * unit;
}
