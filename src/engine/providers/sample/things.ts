/** What the sample provider draws of things. */
import { around, box, circle, mirrored, oval, placed, shape, stroke } from './shapes.ts';
import type { Motif } from './shapes.ts';

const rocket: Motif = (p) =>
  placed(
    shape('M-34 110 Q0 220 34 110 Q0 140 -34 110Z', p.accent) +
      shape('M-18 112 Q0 176 18 112Z', p.paper) +
      mirrored(shape('M56 30 Q120 70 112 140 Q80 110 44 106Z', p.dark)) +
      shape('M0 -190 C90 -120 80 40 50 116 H-50 C-80 40 -90 -120 0 -190Z', p.paper) +
      shape('M0 -190 C90 -120 80 40 50 116 H14 C50 0 50 -120 0 -190Z', p.light) +
      shape('M0 -190 C36 -162 56 -128 64 -92 H-64 C-56 -128 -36 -162 0 -190Z', p.main) +
      circle(0, -34, 38, p.dark) +
      circle(0, -34, 27, p.accent) +
      circle(-9, -43, 8, p.paper) +
      box(-50, 96, 100, 24, p.dark, 6),
    0,
    0,
    0.95,
    24,
  );

const car: Motif = (p) =>
  oval(0, 140, 190, 16, p.dark) +
  shape('M-186 60 Q-186 10 -120 0 Q-80 -92 -20 -92 H50 Q100 -90 130 0 Q186 8 186 60 V104 H-186Z', p.main) +
  shape('M-186 70 H186 V104 H-186Z', p.dark) +
  shape('M-92 0 Q-62 -66 -18 -68 H4 V0Z', p.paper) +
  shape('M24 0 V-68 H48 Q84 -62 100 0Z', p.paper) +
  mirrored(circle(108, 104, 44, p.ink) + circle(108, 104, 19, p.light)) +
  oval(178, 44, 13, 17, p.accent) +
  box(30, 22, 34, 9, p.light, 4);

const boat: Motif = (p) =>
  stroke('M0 -180 V80', p.accentDark, 13) +
  shape('M14 -170 Q140 -60 150 50 H14Z', p.main) +
  shape('M14 -170 Q140 -60 150 50 H96 Q90 -70 14 -170Z', p.dark) +
  shape('M-14 -140 Q-110 -40 -116 50 H-14Z', p.accent) +
  shape('M-160 72 H176 Q140 146 30 146 H-70 Q-136 146 -160 72Z', p.accentDark) +
  shape('M-160 72 H176 L168 94 H-150Z', p.paper) +
  stroke('M-190 160 q24 -20 48 0 t48 0 t48 0 t48 0 t48 0 t48 0 t48 0 t48 0', p.light, 12);

const balloon: Motif = (p) =>
  stroke('M-54 70 L-34 124 M54 70 L34 124', p.ink, 5) +
  box(-40, 120, 80, 56, p.accentDark, 12) +
  box(-44, 116, 88, 15, p.accent, 7) +
  shape('M0 -190 C150 -190 160 -30 60 76 H-60 C-160 -30 -150 -190 0 -190Z', p.main) +
  shape('M0 -190 C70 -180 76 -30 30 76 H-30 C-76 -30 -70 -180 0 -190Z', p.light) +
  shape('M0 -190 C24 -180 30 -30 12 76 H-12 C-30 -30 -24 -180 0 -190Z', p.accent) +
  shape('M-114 -10 Q0 34 114 -10 Q100 34 60 76 H-60 Q-100 34 -114 -10Z', p.dark);

const umbrella: Motif = (p) =>
  stroke('M0 -150 V110 Q0 156 44 152 Q76 146 72 112', p.accentDark, 13) +
  shape(
    'M-180 10 C-170 -190 170 -190 180 10 Q150 -24 120 10 Q90 -24 60 10 Q30 -24 0 10 Q-30 -24 -60 10 Q-90 -24 -120 10 Q-150 -24 -180 10Z',
    p.main,
  ) +
  shape('M0 -142 Q-70 -80 -60 10 Q-30 -24 0 10 Q30 -24 60 10 Q70 -80 0 -142Z', p.light) +
  circle(0, -148, 11, p.accentDark) +
  [-150, -100, 110, 150]
    .map((x, i) => shape(`M${x} ${50 + i * 18} q-14 26 0 32 q14 -6 0 -32Z`, p.accent))
    .join('');

const star: Motif = (p) =>
  shape('M0 -186 L52 -66 L182 -56 L82 30 L114 158 L0 90 L-114 158 L-82 30 L-182 -56 L-52 -66Z', p.main) +
  shape('M0 -186 L52 -66 L182 -56 L82 30 L114 158 L0 0Z', p.light) +
  mirrored(circle(36, -4, 10, p.ink) + circle(60, 22, 13, p.accent)) +
  stroke('M-24 24 Q0 48 24 24', p.ink, 8);

const heart: Motif = (p) =>
  shape('M0 164 C-260 0 -170 -170 -60 -140 Q-14 -124 0 -80 Q14 -124 60 -140 C170 -170 260 0 0 164Z', p.main) +
  shape('M0 164 C260 0 170 -170 60 -140 Q150 -60 0 164Z', p.dark) +
  shape('M-126 -40 Q-128 -98 -80 -108 Q-104 -80 -104 -40Z', p.paper) +
  placed(shape('M0 -18 L5 -5 L18 0 L5 5 L0 18 L-5 5 L-18 0 L-5 -5Z', p.accent), 140, -140, 1.8);

const lamp: Motif = (p) =>
  stroke('M-30 -124 Q0 -200 30 -124', p.ink, 9) +
  box(-58, -128, 116, 26, p.dark, 10) +
  shape('M-70 -102 H70 L92 110 H-92Z', p.accent) +
  shape('M-70 -102 H-20 L-30 110 H-92Z', p.light) +
  stroke('M-70 -102 L-92 110 M70 -102 L92 110 M0 -102 V110', p.main, 11) +
  box(-108, 106, 216, 34, p.main, 10) +
  box(-90, 138, 180, 20, p.dark, 8) +
  shape('M0 -30 Q46 40 0 84 Q-46 40 0 -30Z', p.main) +
  shape('M0 20 Q22 56 0 78 Q-22 56 0 20Z', p.paper);

const book: Motif = (p) =>
  shape('M0 -70 Q-90 -120 -180 -84 V116 Q-90 84 0 134 Q90 84 180 116 V-84 Q90 -120 0 -70Z', p.main) +
  shape('M0 -80 Q-80 -130 -160 -100 V92 Q-80 64 0 110Z', p.paper) +
  shape('M0 -80 Q80 -130 160 -100 V92 Q80 64 0 110Z', p.light) +
  [-50, -14, 22, 58].map((y) => stroke(`M-134 ${y} Q-80 ${y - 22} -26 ${y + 10}`, p.accent, 7)).join('') +
  placed(shape('M0 44 C-80 -6 -40 -60 0 -22 C40 -60 80 -6 0 44Z', p.dark), 82, -2, 0.85);

const gift: Motif = (p) =>
  box(-130, -30, 260, 186, p.main, 8) +
  box(30, -30, 100, 186, p.dark, 8) +
  box(-150, -70, 300, 56, p.light, 8) +
  box(-26, -70, 52, 226, p.accent) +
  mirrored(
    shape('M0 -72 Q40 -170 110 -150 Q150 -110 0 -72Z', p.accent) +
      shape('M20 -86 Q50 -138 90 -132 Q100 -112 20 -86Z', p.accentDark),
  ) +
  circle(0, -76, 21, p.accentDark);

const crown: Motif = (p) =>
  shape('M-170 100 L-186 -90 L-92 -6 L0 -150 L92 -6 L186 -90 L170 100Z', p.main) +
  shape('M0 -150 L92 -6 L186 -90 L170 100 H0Z', p.dark) +
  box(-174, 92, 348, 50, p.accent, 10) +
  [-186, 0, 186].map((x) => circle(x, x === 0 ? -160 : -98, 20, p.accent)).join('') +
  [-110, 0, 110].map((x) => shape(`M${x} 22 l24 30 l-24 30 l-24 -30Z`, p.paper)).join('');

const diamond: Motif = (p) =>
  shape('M-110 -120 H110 L190 -20 L0 170 L-190 -20Z', p.main) +
  shape('M-110 -120 L-70 -20 H-190Z', p.light) +
  shape('M110 -120 L70 -20 H190Z', p.dark) +
  shape('M-110 -120 L0 -120 L-70 -20Z', p.paper) +
  shape('M110 -120 H0 L70 -20Z', p.light) +
  shape('M-70 -20 H70 L0 170Z', p.light) +
  shape('M70 -20 H190 L0 170Z', p.dark) +
  shape('M0 -120 L70 -20 H-70Z', p.accent);

const robot: Motif = (p) =>
  stroke('M0 -150 V-186', p.ink, 9) +
  circle(0, -186, 15, p.accent) +
  mirrored(
    box(92, -112, 26, 60, p.dark, 8) +
      stroke('M104 60 Q160 70 150 120', p.dark, 24) +
      circle(150, 128, 20, p.accent) +
      box(24, 132, 46, 32, p.dark, 10),
  ) +
  box(-96, -150, 192, 142, p.main, 34) +
  box(-72, -118, 144, 82, p.ink, 22) +
  mirrored(circle(36, -80, 18, p.accent) + circle(31, -86, 6, p.paper)) +
  stroke('M-20 -54 Q0 -42 20 -54', p.light, 6) +
  box(-100, 6, 200, 134, p.main, 26) +
  box(-60, 34, 120, 66, p.light, 12) +
  circle(-28, 67, 15, p.accent) +
  stroke('M8 56 H44 M8 78 H34', p.dark, 8);

const guitar: Motif = (p) =>
  placed(
    box(-15, -190, 30, 190, p.accentDark, 5) +
      box(-24, -214, 48, 54, p.ink, 8) +
      shape(
        'M0 -60 C80 -70 84 0 60 24 C130 60 110 180 0 180 C-110 180 -130 60 -60 24 C-84 0 -80 -70 0 -60Z',
        p.main,
      ) +
      shape(
        'M0 -60 C80 -70 84 0 60 24 C130 60 110 180 0 180 C70 150 80 60 36 24 C56 0 50 -50 0 -60Z',
        p.dark,
      ) +
      circle(0, 48, 36, p.ink) +
      box(-40, 116, 80, 15, p.ink, 5) +
      stroke('M-8 -200 V122 M0 -200 V122 M8 -200 V122', p.light, 2.5),
    0,
    10,
    0.86,
    32,
  );

const vase: Motif = (p) =>
  shape('M-70 -60 Q-90 110 -60 158 H60 Q90 110 70 -60Z', p.paper) +
  shape('M10 -60 Q40 60 14 158 H60 Q90 110 70 -60Z', p.light) +
  shape('M-70 -60 Q0 -36 70 -60 L76 10 Q0 34 -76 10Z', p.main) +
  oval(0, -60, 70, 17, p.dark) +
  [-34, 0, 34]
    .map((x, i) =>
      placed(
        stroke('M0 60 V-20', p.accentDark, 8) +
          around(6, oval(0, -22, 11, 20, p.accent)) +
          circle(0, 0, 12, p.paper),
        x * 1.5,
        -110 - (i % 2) * 40,
        1.1,
      ),
    )
    .join('');

const bicycle: Motif = (p) =>
  oval(0, 150, 180, 12, p.light) +
  mirrored(
    stroke('M34 66 a76 76 0 1 0 152 0 a76 76 0 1 0 -152 0', p.ink, 13) + circle(110, 66, 11, p.accent),
  ) +
  stroke('M-110 66 L-50 -50 H70 L110 66 M70 -50 L0 66 L-50 -50 M0 66 H-110', p.main, 15) +
  stroke('M70 -50 L56 -96 H100', p.dark, 13) +
  stroke('M-50 -50 L-62 -84', p.dark, 11) +
  box(-96, -98, 66, 20, p.accentDark, 10) +
  circle(0, 66, 19, p.accent) +
  circle(0, 66, 8, p.ink);

/** Shapes in a ring for what has no motif of its own: the letters of the prompt choose them. */
const ornament: Motif = (p, chance) => {
  const count = 5 + Math.floor(chance() * 5);
  const petal = (fill: string): string => oval(0, -112, 38, 66, fill);
  const kinds = [
    petal,
    (fill: string) => circle(0, -112, 46, fill),
    (fill: string) => shape('M0 -186 Q56 -110 0 -40 Q-56 -110 0 -186Z', fill),
    (fill: string) => shape('M0 -184 L44 -96 L0 -44 L-44 -96Z', fill),
    (fill: string) => box(-32, -178, 64, 120, fill, 30),
  ];
  const kind = (): ((fill: string) => string) => kinds[Math.floor(chance() * kinds.length)] ?? petal;
  const [outer, inner] = [kind(), kind()];
  return (
    around(count, outer(p.dark), 180 / count) +
    around(count, outer(p.main)) +
    around(count, placed(inner(p.light), 0, 0, 0.62), 180 / count) +
    around(count, circle(0, -112, 9 + chance() * 10, p.accent)) +
    circle(0, 0, 46, p.accent) +
    circle(0, 0, 28, p.paper) +
    circle(0, 0, 12, p.accentDark)
  );
};

export const thingMotifs: Readonly<Record<string, Motif>> = {
  bicycle,
  ornament,
  rocket,
  car,
  boat,
  balloon,
  umbrella,
  star,
  heart,
  lamp,
  book,
  gift,
  crown,
  diamond,
  robot,
  guitar,
  vase,
};
