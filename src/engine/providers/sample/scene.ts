/** One image of the sample provider as SVG: subject, companion, small things around, on a plain background. */
import { animalMotifs } from './animals.ts';
import { natureMotifs } from './nature.ts';
import { placeMotifs } from './places.ts';
import { around, randomOf, circle, hashOf, hsl, oval, placed, shape, stroke } from './shapes.ts';
import type { Random, Motif, Palette } from './shapes.ts';
import { thingMotifs } from './things.ts';
import { parsePrompt } from './words.ts';
import type { ParsedPrompt } from './words.ts';

const motifs: Readonly<Record<string, Motif>> = {
  ...natureMotifs,
  ...animalMotifs,
  ...placeMotifs,
  ...thingMotifs,
};
const motifNames = Object.keys(motifs);

export interface Scene {
  svg: string;
  /** What was drawn, subject first. */
  motifs: string[];
}

/** Draws the image of a prompt: the same prompt, seed and size give the same text. */
export function drawScene(prompt: string, seed: number, width: number, height: number): Scene {
  const reading = parsePrompt(prompt, motifNames);
  const chance = randomOf(hashOf(`${prompt.trim()}\n${seed}`));
  const palette = paletteOf(reading, chance);
  const side = Math.min(width, height);
  const layout = chance() < 0.5 ? 1 : -1;
  const [subject = 'star', companion] = reading.motifs;
  const parts: string[] = [];
  parts.push(backdrop(palette, chance, reading));
  if (companion !== undefined) {
    parts.push(
      placed(draw(companion, companionPalette(palette), chance), 128 * layout, -104, 0.5, layout * 6),
    );
  }
  const [x, y, scale] = companion === undefined ? [0, 0, 1] : [-46 * layout, 44, 0.82];
  const turn = Math.round((chance() - 0.5) * 12);
  parts.push(placed(placed(draw(subject, palette, chance), 0, 0, 1, turn), x, y, scale));
  parts.push(sprinkles(palette, chance, companion === undefined ? 0 : layout));
  const grown = (0.78 + chance() * 0.1) * (side / 400);
  return { svg: frame(parts.join(''), palette, width, height, grown, reading), motifs: reading.motifs };
}

function draw(name: string, palette: Palette, chance: Random): string {
  return (motifs[name] ?? motifs['star'])?.(palette, chance) ?? '';
}

function frame(
  content: string,
  palette: Palette,
  width: number,
  height: number,
  scale: number,
  { style }: ParsedPrompt,
): string {
  const line =
    style === 'outline'
      ? ` stroke="${palette.ink}" stroke-width="5" stroke-linejoin="round" stroke-linecap="round"`
      : '';
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<rect width="${width}" height="${height}" fill="${palette.background}"/>` +
    `<g transform="translate(${width / 2} ${height / 2}) scale(${scale.toFixed(4)})"${line}>${content}</g></svg>`
  );
}

function paletteOf({ main, accent, background, dark, style }: ParsedPrompt, chance: Random): Palette {
  const [hue, saturation, lightness] = main;
  const tone = { flat: 1, outline: 1, retro: 0.62, soft: 0.72, neon: 1.25 }[style];
  const s = Math.min(100, saturation * tone);
  const l =
    style === 'soft'
      ? lightness + (90 - lightness) * 0.22
      : style === 'neon'
        ? Math.max(lightness, 56)
        : lightness;
  // A neighbour or the opposite on the colour wheel; greys get a warm one.
  const turn = [150, 180, 205, 40, -40][Math.floor(chance() * 5)] ?? 180;
  const [ah, as, al] =
    accent ?? (saturation < 20 ? [30 + chance() * 30, 70, 60] : [hue + turn, 62 * tone, 60]);
  const night = dark || style === 'neon';
  const backHue = hue + ([180, 200, 30, -30, 160][Math.floor(chance() * 5)] ?? 180);
  // Far from the subject in lightness: a light subject stands before a deeper ground.
  const back = night
    ? hsl(230 + chance() * 30, 38, 16)
    : l > 78
      ? hsl(backHue, 34, 58)
      : hsl(backHue, 46, 91);
  return {
    background: background ?? back,
    main: hsl(hue, s, l),
    dark: hsl(hue - 8, s, Math.max(8, l - 14)),
    light: hsl(hue + 8, s * 0.9, Math.min(95, l + 16)),
    accent: hsl(ah, as, al),
    accentDark: hsl(ah - 6, as * 0.8, Math.max(22, al - 24)),
    stem: hsl(148, 46 * tone, 36),
    wood: hsl(24, 42 * tone, 36),
    sky: night ? hsl(232, 42, 30) : '#fffaf0',
    ink: night ? '#1c1830' : '#2b2433',
    paper: night ? '#f3efff' : '#fffaf0',
  };
}

/** The second subject steps back: its own colours are the first one's accent. */
function companionPalette(p: Palette): Palette {
  return { ...p, main: p.accent, dark: p.accentDark, accent: p.main, accentDark: p.dark };
}

/** A tone or two behind the subject, still plain at the border. */
function backdrop(p: Palette, chance: Random, { style }: ParsedPrompt): string {
  const tint = p.light;
  const kind = Math.floor(chance() * 4);
  if (style === 'retro') {
    return circle(0, 0, 186, tint) + circle(0, 0, 150, p.paper) + circle(0, 0, 116, tint);
  }
  if (kind === 0) return `<g opacity="0.45">${circle(0, -6, 196, tint)}</g>`;
  if (kind === 1) {
    return `<g opacity="0.4">${shape('M-150 -120 C-60 -220 120 -200 180 -90 C230 20 180 170 40 190 C-110 200 -220 100 -200 -10 Q-190 -80 -150 -120Z', tint)}</g>`;
  }
  if (kind === 2) return `<g opacity="0.5">${oval(0, 168, 176, 26, tint)}</g>`;
  return '';
}

/** Small things where the subject is not. */
function sprinkles(p: Palette, chance: Random, taken: number): string {
  const kinds = [
    () => circle(0, 0, 8, p.accent),
    () => shape('M0 -18 L5 -5 L18 0 L5 5 L0 18 L-5 5 L-18 0 L-5 -5Z', p.accent),
    () => stroke('M-12 0 H12 M0 -12 V12', p.main, 6),
    () => around(5, oval(0, -9, 5, 8, p.main)) + circle(0, 0, 5, p.accent),
    () => stroke('M-14 4 Q-7 -8 0 4 T14 4', p.accent, 5),
  ];
  const kind = Math.floor(chance() * kinds.length);
  const corners = [
    [-190, -176],
    [196, -160],
    [-200, 120],
    [202, 96],
    [-208, -40],
    [150, -204],
  ];
  return corners
    .filter(([x = 0, y = 0]) => taken === 0 || y > 0 || Math.sign(x) !== taken)
    .filter(() => chance() < 0.75)
    .map(([x = 0, y = 0], i) =>
      placed(
        kinds[(kind + (i % 2)) % kinds.length]?.() ?? '',
        x + chance() * 24 - 12,
        y + chance() * 24 - 12,
        0.8 + chance() * 0.7,
        chance() * 60,
      ),
    )
    .join('');
}
