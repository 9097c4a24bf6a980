/** What the sample provider draws of nature. */
import { around, box, circle, mirrored, oval, placed, roundScene, shape, stroke } from './shapes.ts';
import type { Motif, Palette } from './shapes.ts';

const pine = (p: Palette, leaves: string): string =>
  box(-8, 60, 16, 40, p.wood) +
  shape('M0 -100 L48 -20 L-48 -20Z', leaves) +
  shape('M0 -60 L60 30 L-60 30Z', leaves) +
  shape('M0 -10 L70 80 L-70 80Z', leaves);

const mountain: Motif = (p, chance) =>
  roundScene(
    circle(80 - chance() * 160, -95, 38, p.accent) +
      shape('M-220 120 L-90 -60 L20 90 L120 -20 L230 120Z', p.light) +
      shape('M-180 160 L-10 -130 L170 160Z', p.main) +
      shape('M-10 -130 L170 160 L30 160Z', p.dark) +
      shape('M-10 -130 L-62 -42 L-34 -60 L-10 -34 L18 -64 L46 -40Z', p.paper) +
      shape('M-220 130 Q-90 80 0 130 T220 120 V220 H-220Z', p.accentDark) +
      placed(pine(p, p.dark), -125, 95, 0.5) +
      placed(pine(p, p.dark), 120, 100, 0.62) +
      placed(pine(p, p.main), 72, 118, 0.4),
    p.sky,
    chance,
  );

const sea: Motif = (p, chance) => {
  const wave = (y: number, shift: number, fill: string): string =>
    shape(`M${-240 + shift} ${y} q30 -34 60 0 t60 0 t60 0 t60 0 t60 0 t60 0 t60 0 t60 0 V220 H-240Z`, fill);
  const boat =
    stroke('M0 -70 V0', p.ink, 6) +
    shape('M6 -66 Q60 -30 64 -4 H6Z', p.paper) +
    shape('M-6 -56 Q-40 -24 -44 -4 H-6Z', p.accent) +
    shape('M-60 4 H66 Q50 40 0 40 Q-46 40 -60 4Z', p.accentDark);
  return roundScene(
    circle(-50 + chance() * 100, -30, 62, p.accent) +
      wave(30, 0, p.light) +
      placed(boat, -20 + chance() * 50, 30, 1, -4) +
      wave(72, -30, p.main) +
      wave(118, -10, p.dark),
    p.sky,
    chance,
  );
};

const forest: Motif = (p, chance) =>
  roundScene(
    circle(60, -90, 46, p.accent) +
      [-150, -80, -10, 70, 140].map((x) => placed(pine(p, p.light), x, 10 + chance() * 20, 1)).join('') +
      [-115, -35, 40, 115].map((x) => placed(pine(p, p.main), x, 45 + chance() * 20, 1.05)).join('') +
      [-160, 0, 150].map((x) => placed(pine(p, p.dark), x, 85, 1.1)).join('') +
      shape('M-220 165 Q0 130 220 165 V220 H-220Z', p.dark),
    p.sky,
    chance,
  );

const desert: Motif = (p, chance) =>
  roundScene(
    circle(70 - chance() * 140, -70, 58, p.accent) +
      shape('M-220 60 Q-90 -10 30 60 T240 40 V220 H-220Z', p.light) +
      shape('M-220 120 Q-60 40 80 110 T240 110 V220 H-220Z', p.main) +
      shape('M-220 170 Q20 110 240 170 V220 H-220Z', p.dark) +
      placed(stroke('M0 80 V-40 M0 30 H-34 V-4 M0 10 H34 V-26', p.accentDark, 24), 60, 70, 0.8),
    p.sky,
    chance,
  );

const sun: Motif = (p) =>
  around(12, shape('M-20 -118 Q0 -128 20 -118 L0 -186Z', p.accent)) +
  around(12, shape('M-9 -118 L9 -118 L0 -160Z', p.light), 15) +
  circle(0, 0, 104, p.main) +
  circle(-14, -14, 82, p.light) +
  mirrored(circle(34, -12, 10, p.ink)) +
  stroke('M-36 26 Q0 62 36 26', p.ink, 9) +
  mirrored(circle(60, 18, 15, p.accent));

const moon: Motif = (p) => {
  const star = shape('M0 -22 L6 -6 L22 0 L6 6 L0 22 L-6 6 L-22 0 L-6 -6Z', p.accent);
  return (
    shape('M40 -160 A162 162 0 1 0 150 90 A130 130 0 1 1 40 -160Z', p.main) +
    circle(-78, -10, 22, p.dark) +
    circle(-50, 78, 32, p.dark) +
    circle(-88, 62, 10, p.dark) +
    placed(star, 70, -70, 1.5) +
    placed(star, 130, 0, 1) +
    placed(star, 50, 20, 0.8)
  );
};

const tree: Motif = (p, chance) =>
  oval(0, 160, 130, 16, p.light) +
  shape('M-24 160 Q-12 90 -20 20 H20 Q12 90 26 160Z', p.wood) +
  stroke('M0 70 Q30 50 52 20 M0 90 Q-30 70 -48 44', p.wood, 14) +
  circle(-70, -10, 74, p.dark) +
  circle(72, -14, 78, p.dark) +
  circle(0, -80, 96, p.main) +
  circle(-58, -44, 66, p.main) +
  circle(54, -46, 70, p.main) +
  circle(-22, -104, 46, p.light) +
  Array.from({ length: 9 }, () => circle(-100 + chance() * 200, -120 + chance() * 150, 11, p.accent)).join(
    '',
  );

const flower: Motif = (p, chance) => {
  const petals = 6 + Math.floor(chance() * 4);
  return (
    stroke('M0 20 Q14 90 0 168', p.stem, 13) +
    shape('M4 130 Q70 120 92 66 Q30 60 4 130Z', p.stem) +
    shape('M2 150 Q-58 140 -80 92 Q-24 84 2 150Z', p.stem) +
    placed(
      around(petals, oval(0, -86, 44, 72, p.dark), 180 / petals) +
        around(petals, oval(0, -78, 38, 66, p.main)) +
        around(petals, oval(0, -58, 14, 34, p.light)) +
        circle(0, 0, 46, p.accent) +
        circle(-8, -8, 26, p.paper),
      0,
      -40,
      0.95,
    )
  );
};

const rose: Motif = (p) =>
  stroke('M0 60 Q-10 110 4 176', p.stem, 14) +
  shape('M0 130 Q64 130 92 76 Q26 72 0 130Z', p.stem) +
  shape('M0 150 Q-62 148 -86 98 Q-22 92 0 150Z', p.stem) +
  circle(0, -40, 108, p.dark) +
  shape('M-108 -50 Q-60 70 0 68 Q60 70 108 -50 Q60 20 0 10 Q-60 20 -108 -50Z', p.main) +
  circle(0, -56, 76, p.main) +
  shape('M-76 -66 Q-30 10 46 -4 Q-20 -20 -40 -90Z', p.light) +
  shape('M70 -80 Q50 -8 -20 0 Q34 -30 30 -104Z', p.dark) +
  circle(0, -66, 36, p.dark) +
  stroke('M-16 -66 A18 18 0 1 1 8 -50', p.light, 8);

const tulip: Motif = (p) =>
  stroke('M0 10 Q8 90 0 172', p.stem, 15) +
  shape('M2 168 Q90 120 84 10 Q14 70 2 168Z', p.stem) +
  shape('M-2 168 Q-90 130 -92 40 Q-18 84 -2 168Z', p.stem) +
  shape('M-86 -126 Q-36 -96 0 -150 Q36 -96 86 -126 Q108 28 0 34 Q-108 28 -86 -126Z', p.main) +
  shape('M0 -150 Q52 -60 0 34 Q-52 -60 0 -150Z', p.light) +
  shape('M86 -126 Q108 28 0 34 Q66 -20 86 -126Z', p.dark);

const leaf: Motif = (p) =>
  placed(
    shape('M0 -180 C130 -120 130 80 0 150 C-130 80 -130 -120 0 -180Z', p.main) +
      shape('M0 -180 C130 -120 130 80 0 150Z', p.dark) +
      stroke('M0 -140 V190', p.light, 9) +
      mirrored(stroke('M0 80 Q40 60 70 24 M0 20 Q44 0 80 -40 M0 -40 Q36 -60 62 -94', p.light, 6)),
    0,
    0,
    1,
    28,
  );

const mushroom: Motif = (p) =>
  oval(0, 160, 120, 15, p.light) +
  shape('M-46 20 Q-40 110 -62 156 Q0 176 62 156 Q40 110 46 20Z', p.paper) +
  shape('M14 20 Q12 110 22 165 Q50 162 62 156 Q40 110 46 20Z', p.light) +
  shape('M-170 30 C-160 -180 160 -180 170 30 Q0 74 -170 30Z', p.main) +
  shape('M70 -106 C140 -76 166 -20 170 30 Q110 48 60 52 Q110 -20 70 -106Z', p.dark) +
  shape('M-120 38 Q0 70 120 38 Q0 96 -120 38Z', p.accentDark) +
  circle(-70, -50, 27, p.paper) +
  circle(16, -86, 24, p.paper) +
  circle(84, -28, 22, p.paper) +
  circle(2, -10, 17, p.paper) +
  circle(-118, 6, 14, p.paper);

const cactus: Motif = (p) =>
  shape('M-62 90 H62 L46 170 H-46Z', p.wood) +
  box(-74, 74, 148, 30, p.accent, 8) +
  stroke('M0 60 V-110', p.main, 82) +
  stroke('M-40 20 H-104 V-44', p.main, 42) +
  stroke('M40 -6 H104 V-70', p.main, 42) +
  stroke('M0 60 V-112 M-104 -6 V-46 M104 -26 V-72', p.dark, 6) +
  stroke('M-22 50 V-90 M22 50 V-90', p.light, 5) +
  placed(around(6, oval(0, -20, 10, 18, p.accent)) + circle(0, 0, 11, p.paper), 0, -156);

const cloud: Motif = (p) =>
  circle(86, -60, 66, p.accent) +
  shape(
    'M-130 80 a62 62 0 0 1 -4 -124 a92 92 0 0 1 170 -30 a72 72 0 0 1 104 68 a44 44 0 0 1 -8 86Z',
    p.paper,
  ) +
  shape('M-130 80 a62 62 0 0 1 -48 -26 Q0 60 168 44 a44 44 0 0 1 -36 36Z', p.light) +
  [-90, -20, 50, 110]
    .map((x, i) => shape(`M${x} ${108 + (i % 2) * 22} q-20 34 0 42 q20 -8 0 -42Z`, p.main))
    .join('');

const snowflake: Motif = (p) =>
  around(
    6,
    stroke('M0 0 V-170 M0 -100 L36 -136 M0 -100 L-36 -136 M0 -54 L30 -84 M0 -54 L-30 -84', p.main, 15),
  ) +
  around(6, circle(0, -174, 13, p.accent)) +
  circle(0, 0, 28, p.light) +
  circle(0, 0, 13, p.accent);

const palm: Motif = (p) =>
  oval(0, 158, 150, 22, p.accent) +
  shape('M-10 156 Q10 30 34 -60 L56 -54 Q40 50 30 156Z', p.wood) +
  placed(
    [-160, -110, -62, -14, 34]
      .map((turn) =>
        placed(
          shape('M0 0 Q80 -62 158 20 Q76 -10 0 0Z', p.main) +
            shape('M0 0 Q76 -10 158 20 Q70 24 0 0Z', p.dark),
          0,
          0,
          1,
          turn,
        ),
      )
      .join('') +
      circle(-10, 10, 17, p.wood) +
      circle(16, 14, 17, p.wood),
    44,
    -60,
  );

export const natureMotifs: Readonly<Record<string, Motif>> = {
  mountain,
  sea,
  forest,
  desert,
  sun,
  moon,
  tree,
  flower,
  rose,
  tulip,
  leaf,
  mushroom,
  cactus,
  cloud,
  snowflake,
  palm,
};
