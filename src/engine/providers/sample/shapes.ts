/** The pencils of the sample provider: shapes as SVG text, colours, and chance that repeats itself. */

/** Numbers from 0 to 1 (exclusive), the same for the same seed. */
export type Random = () => number;

export interface Palette {
  background: string;
  main: string;
  /** Shades of the main colour. */
  dark: string;
  light: string;
  /** A colour that goes with it, and its shade. */
  accent: string;
  accentDark: string;
  /** What grows, and what it grows on, whatever the subject's colour. */
  stem: string;
  wood: string;
  /** Behind landscapes. */
  sky: string;
  /** For eyes and fine lines. */
  ink: string;
  paper: string;
}

/** A drawing around the origin, about 400 wide and high, its ground at y = 150. */
export type Motif = (p: Palette, chance: Random) => string;

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** 32 bits of a text (FNV-1a). */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** `#rrggbb` from hue in degrees, saturation and lightness in percent. */
export function hsl(hue: number, saturation: number, lightness: number): string {
  const l = Math.max(0, Math.min(100, lightness)) / 100;
  const chroma = (Math.max(0, Math.min(100, saturation)) / 100) * Math.min(l, 1 - l);
  const part = (n: number): string => {
    const k = (n + (((hue % 360) + 360) % 360) / 30) % 12;
    const value = l - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${part(0)}${part(8)}${part(4)}`;
}

export function circle(x: number, y: number, radius: number, fill: string): string {
  return `<circle cx="${x}" cy="${y}" r="${radius}" fill="${fill}"/>`;
}

export function oval(x: number, y: number, rx: number, ry: number, fill: string, turn = 0): string {
  const turned = turn === 0 ? '' : ` transform="rotate(${turn} ${x} ${y})"`;
  return `<ellipse cx="${x}" cy="${y}" rx="${rx}" ry="${ry}" fill="${fill}"${turned}/>`;
}

export function box(x: number, y: number, width: number, height: number, fill: string, corner = 0): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${corner}" fill="${fill}"/>`;
}

export function shape(d: string, fill: string): string {
  return `<path d="${d}" fill="${fill}"/>`;
}

export function stroke(d: string, color: string, width: number): string {
  return `<path d="${d}" fill="none" stroke="${color}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;
}

export function placed(content: string, x: number, y: number, scale = 1, turn = 0): string {
  return `<g transform="translate(${x} ${y}) rotate(${turn}) scale(${scale})">${content}</g>`;
}

/** The same drawing on the other side of the middle. */
export function mirrored(content: string): string {
  return `${content}<g transform="scale(-1 1)">${content}</g>`;
}

/** `count` copies around the origin, each turned further. */
export function around(count: number, content: string, from = 0): string {
  return Array.from({ length: count }, (_, i) => placed(content, 0, 0, 1, from + (360 / count) * i)).join('');
}

/** A landscape seen through a round window. */
export function roundScene(content: string, sky: string, chance: Random): string {
  const id = `w${Math.floor(chance() * 1e9)}`;
  return (
    `<clipPath id="${id}"><circle cx="0" cy="0" r="190"/></clipPath>` +
    `<g clip-path="url(#${id})">${box(-200, -200, 400, 400, sky)}${content}</g>`
  );
}
