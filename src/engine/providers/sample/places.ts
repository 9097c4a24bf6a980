/** What the sample provider draws of places and food. */
import { around, box, circle, oval, placed, roundScene, shape, stroke } from './shapes.ts';
import type { Motif } from './shapes.ts';

const cup: Motif = (p) =>
  oval(0, 150, 170, 24, p.light) +
  oval(0, 144, 120, 13, p.dark) +
  stroke('M106 -20 Q190 -30 176 44 Q164 90 96 86', p.main, 26) +
  shape('M-120 -50 H120 Q124 146 0 146 Q-124 146 -120 -50Z', p.main) +
  shape('M60 -50 H120 Q124 146 0 146 Q80 110 60 -50Z', p.dark) +
  oval(0, -50, 120, 27, p.light) +
  oval(0, -47, 102, 19, p.accentDark) +
  placed(shape('M0 34 C-60 -6 -30 -44 0 -16 C30 -44 60 -6 0 34Z', p.paper), -14, 40, 0.9) +
  [-50, 0, 50].map((x) => stroke(`M${x} -96 q-22 -24 0 -46 t0 -42`, p.accent, 9)).join('');

const cake: Motif = (p) =>
  oval(0, 154, 160, 20, p.light) +
  shape('M-116 20 H116 L92 154 H-92Z', p.accent) +
  [-80, -40, 0, 40, 80].map((x) => stroke(`M${x} 34 L${x * 0.82} 146`, p.accentDark, 9)).join('') +
  shape(
    'M-140 30 Q-160 -40 -84 -50 Q-70 -120 0 -116 Q70 -120 84 -50 Q160 -40 140 30 Q70 56 0 36 Q-70 56 -140 30Z',
    p.main,
  ) +
  shape('M-84 -50 Q0 -10 84 -50 Q70 -120 0 -116 Q-70 -120 -84 -50Z', p.light) +
  circle(0, -130, 34, p.dark) +
  stroke('M6 -156 Q20 -190 48 -186', p.accentDark, 7) +
  [
    [-70, 0],
    [-20, -20],
    [46, 6],
    [90, -10],
    [10, 16],
    [-40, -70],
    [36, -76],
  ]
    .map(([x = 0, y = 0], i) => box(x, y, 20, 7, i % 2 === 0 ? p.paper : p.accent, 3))
    .join('');

const apple: Motif = (p) =>
  stroke('M0 -80 Q0 -140 28 -166', p.stem, 14) +
  shape('M10 -110 Q60 -190 140 -150 Q100 -80 10 -110Z', p.stem) +
  shape(
    'M0 -72 C-60 -130 -180 -90 -160 40 C-140 150 -60 180 0 148 C60 180 140 150 160 40 C180 -90 60 -130 0 -72Z',
    p.main,
  ) +
  shape('M70 -96 C150 -100 172 -30 160 40 C140 150 60 180 0 148 Q130 90 70 -96Z', p.dark) +
  oval(-96, -10, 20, 44, p.light, 18);

const citrus: Motif = (p) =>
  placed(shape('M60 -120 Q110 -200 186 -150 Q140 -84 60 -120Z', p.stem), -10, 10) +
  circle(0, 10, 158, p.main) +
  circle(0, 10, 136, p.paper) +
  placed(
    around(
      8,
      shape('M0 -14 L40 -104 Q0 -138 -40 -104Z', p.light) + shape('M0 -14 L40 -104 Q24 -120 0 -122Z', p.main),
    ),
    0,
    10,
  ) +
  circle(0, 10, 11, p.paper);

const strawberry: Motif = (p) =>
  shape('M0 170 C-150 110 -170 -40 -100 -80 Q0 -120 100 -80 C170 -40 150 110 0 170Z', p.main) +
  shape('M0 170 C150 110 170 -40 100 -80 Q110 60 0 170Z', p.dark) +
  placed(around(7, shape('M0 0 Q30 -40 0 -96 Q-30 -40 0 0Z', p.stem)), 0, -84, 0.92) +
  stroke('M0 -90 Q6 -140 34 -160', p.stem, 11) +
  [
    [-70, -10],
    [-20, -30],
    [40, -10],
    [84, 6],
    [-90, 40],
    [-44, 40],
    [8, 30],
    [56, 50],
    [-56, 88],
    [-8, 84],
    [34, 100],
    [-6, 132],
  ]
    .map(([x = 0, y = 0]) => oval(x, y, 6, 10, p.accent))
    .join('');

const house: Motif = (p) =>
  oval(0, 158, 180, 18, p.accentDark) +
  box(70, -150, 40, 90, p.dark) +
  box(-120, -20, 240, 176, p.paper) +
  box(40, -20, 80, 176, p.light) +
  shape('M-164 -10 L0 -150 L164 -10 L140 14 L0 -106 L-140 14Z', p.main) +
  shape('M-134 -12 L0 -126 L134 -12Z', p.main) +
  box(-26, 60, 52, 96, p.dark, 6) +
  circle(14, 110, 5, p.accent) +
  [-92, 54]
    .map((x) => box(x, 20, 42, 46, p.accent, 5) + stroke(`M${x + 21} 20 V66 M${x} 43 H${x + 42}`, p.paper, 5))
    .join('') +
  circle(0, -40, 22, p.accent) +
  circle(-140, 134, 30, p.accentDark) +
  circle(146, 138, 26, p.accentDark);

const castle: Motif = (p) => {
  const tower = (x: number, top: number, w: number): string =>
    box(x - w / 2, top, w, 160 - top, p.light) +
    box(x, top, w / 2, 160 - top, p.main) +
    shape(`M${x - w / 2 - 12} ${top} L${x} ${top - 92} L${x + w / 2 + 12} ${top}Z`, p.accent) +
    stroke(`M${x} ${top - 92} v-28`, p.ink, 5) +
    shape(`M${x + 2} ${top - 120} l34 10 l-34 12Z`, p.dark) +
    box(x - 9, top + 26, 18, 34, p.ink, 9);
  return (
    oval(0, 162, 190, 18, p.accentDark) +
    tower(0, -40, 84) +
    box(-130, 40, 260, 120, p.main) +
    [-110, -50, 10, 70].map((x) => box(x, 20, 36, 26, p.main)).join('') +
    tower(-130, 0, 66) +
    tower(130, 0, 66) +
    shape('M-34 160 V110 A34 34 0 0 1 34 110 V160Z', p.ink)
  );
};

const lighthouse: Motif = (p) =>
  shape('M-50 -96 L-190 -150 V-60Z', p.accent) +
  shape('M50 -96 L190 -150 V-60Z', p.accent) +
  shape('M-150 164 Q-120 110 -60 124 Q0 96 64 122 Q130 112 160 164Z', p.accentDark) +
  shape('M-50 -56 H50 L72 150 H-72Z', p.paper) +
  shape('M-54 -16 H54 L59 34 H-59Z', p.main) +
  shape('M-64 80 H64 L69 130 H-69Z', p.main) +
  box(-62, -70, 124, 18, p.ink, 6) +
  box(-36, -124, 72, 56, p.accent) +
  stroke('M-36 -124 V-68 M0 -124 V-68 M36 -124 V-68', p.ink, 6) +
  shape('M-50 -122 Q0 -196 50 -122Z', p.main) +
  circle(0, -166, 9, p.ink) +
  box(-16, 104, 32, 46, p.ink, 16);

const city: Motif = (p, chance) => {
  const tower = (x: number, top: number, w: number, fill: string): string =>
    box(x, top, w, 220 - top, fill) +
    Array.from({ length: 12 }, (_, i) =>
      chance() < 0.7
        ? box(
            x + 10 + (i % 3) * ((w - 20) / 3),
            top + 16 + Math.floor(i / 3) * 30,
            (w - 20) / 3 - 8,
            16,
            p.accent,
            2,
          )
        : '',
    ).join('');
  return roundScene(
    circle(70, -80, 52, p.accent) +
      [-190, -120, -40, 50, 120].map((x) => box(x, -10 - chance() * 90, 64, 300, p.light)).join('') +
      tower(-170, 0, 74, p.main) +
      tower(-86, -90, 80, p.dark) +
      tower(6, -30, 70, p.main) +
      tower(88, -70, 84, p.dark),
    p.sky,
    chance,
  );
};

const planet: Motif = (p) => {
  const ring = (d: string): string => stroke(d, p.accent, 20);
  return (
    placed(
      ring('M-118 -4 A190 46 0 0 1 118 -4') +
        circle(0, 0, 122, p.main) +
        shape(
          'M-118 -30 Q0 10 118 -30 A122 122 0 0 1 121 14 Q0 54 -121 14 A122 122 0 0 1 -118 -30Z',
          p.light,
        ) +
        shape('M-100 70 Q0 96 100 70 A122 122 0 0 1 0 122 A122 122 0 0 1 -100 70Z', p.dark) +
        circle(44, -70, 18, p.dark) +
        ring('M-118 -4 A190 46 0 1 0 118 -4'),
      0,
      0,
      1,
      -18,
    ) +
    circle(-150, -130, 12, p.accent) +
    circle(150, 140, 18, p.light)
  );
};

export const placeMotifs: Readonly<Record<string, Motif>> = {
  cup,
  cake,
  apple,
  citrus,
  strawberry,
  house,
  castle,
  lighthouse,
  city,
  planet,
};
