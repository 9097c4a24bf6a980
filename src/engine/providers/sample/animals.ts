/** What the sample provider draws of animals. */
import { around, circle, mirrored, oval, placed, shape, stroke } from './shapes.ts';
import type { Motif, Palette } from './shapes.ts';

const eyes = (p: Palette, x: number, y: number, size: number): string =>
  mirrored(circle(x, y, size, p.ink) + circle(x - size * 0.3, y - size * 0.35, size * 0.32, p.paper));

const fox: Motif = (p) =>
  shape('M70 150 C210 150 220 0 150 -36 C170 30 130 70 60 80Z', p.main) +
  shape('M150 -36 C205 -10 206 50 176 92 Q140 70 160 20Z', p.paper) +
  shape('M-80 160 Q-90 40 0 30 Q90 40 80 160Z', p.main) +
  shape('M-34 160 Q-40 80 0 70 Q40 80 34 160Z', p.paper) +
  placed(
    mirrored(shape('M30 -66 L112 -150 L104 -20Z', p.dark) + shape('M52 -66 L98 -112 L94 -40Z', p.light)) +
      shape('M-124 -20 Q-96 -96 0 -92 Q96 -96 124 -20 Q60 70 0 74 Q-60 70 -124 -20Z', p.main) +
      mirrored(shape('M124 -20 Q60 -30 0 40 V74 Q60 70 124 -20Z', p.paper)) +
      eyes(p, 46, -18, 13) +
      oval(0, 62, 19, 14, p.ink),
    0,
    -30,
  );

const cat: Motif = (p) =>
  stroke('M80 140 Q170 150 150 60 Q140 20 168 0', p.dark, 28) +
  shape('M-84 160 Q-96 20 0 10 Q96 20 84 160Z', p.main) +
  oval(0, 120, 44, 46, p.light) +
  mirrored(oval(40, 154, 30, 16, p.light)) +
  placed(
    mirrored(shape('M30 -80 L92 -150 L112 -40Z', p.main) + shape('M52 -84 L86 -118 L94 -60Z', p.accent)) +
      oval(0, -20, 116, 96, p.main) +
      stroke('M0 -112 V-82 M-26 -108 V-86 M26 -108 V-86', p.dark, 9) +
      mirrored(oval(44, -28, 18, 22, p.paper)) +
      eyes(p, 44, -26, 14) +
      shape('M-13 8 H13 L0 22Z', p.accentDark) +
      stroke('M0 22 Q-4 40 -24 36 M0 22 Q4 40 24 36', p.ink, 5) +
      mirrored(stroke('M56 14 L118 4 M56 26 L116 34', p.ink, 4)),
    0,
    -28,
  );

const dog: Motif = (p) =>
  stroke('M76 130 Q140 110 140 60', p.main, 28) +
  shape('M-84 160 Q-90 30 0 20 Q90 30 84 160Z', p.main) +
  oval(0, 112, 46, 50, p.paper) +
  mirrored(oval(42, 152, 30, 17, p.light)) +
  shape('M-60 40 Q0 76 60 40 L56 62 Q0 94 -56 62Z', p.accent) +
  circle(0, 82, 13, p.accentDark) +
  placed(
    oval(0, -20, 104, 98, p.main) +
      mirrored(shape('M56 -96 Q140 -110 132 20 Q110 56 84 10 Q80 -50 56 -96Z', p.dark)) +
      oval(0, 24, 56, 44, p.paper) +
      eyes(p, 42, -26, 14) +
      oval(0, 4, 24, 17, p.ink) +
      stroke('M0 20 V36 M0 36 Q-18 50 -32 36 M0 36 Q18 50 32 36', p.ink, 6),
    0,
    -30,
  );

const rabbit: Motif = (p) =>
  mirrored(oval(42, -140, 27, 76, p.main, 8) + oval(43, -134, 13, 54, p.accent, 8)) +
  shape('M-78 160 Q-96 40 0 34 Q96 40 78 160Z', p.main) +
  oval(0, 122, 46, 44, p.paper) +
  mirrored(oval(44, 154, 36, 17, p.light)) +
  oval(0, -22, 94, 84, p.main) +
  eyes(p, 40, -30, 13) +
  mirrored(circle(52, 2, 15, p.accent)) +
  shape('M-11 -6 H11 L0 8Z', p.accentDark) +
  stroke('M0 8 Q-4 24 -18 22 M0 8 Q4 24 18 22', p.ink, 5);

const bear: Motif = (p) =>
  mirrored(circle(86, -124, 40, p.main) + circle(86, -124, 20, p.accent)) +
  shape('M-110 164 Q-130 30 0 24 Q130 30 110 164Z', p.main) +
  oval(0, 118, 62, 54, p.light) +
  oval(0, -52, 122, 104, p.main) +
  oval(0, -14, 56, 46, p.light) +
  eyes(p, 46, -66, 13) +
  oval(0, -32, 24, 17, p.ink) +
  stroke('M0 -16 V0 M0 0 Q-16 14 -28 2 M0 0 Q16 14 28 2', p.ink, 6);

const hedgehog: Motif = (p) =>
  placed(around(26, shape('M-24 -112 L0 -186 L24 -112Z', p.dark)) + circle(0, 0, 136, p.dark), 0, -16) +
  placed(around(18, shape('M-20 -86 L0 -142 L20 -86Z', p.main), 10) + circle(0, 0, 98, p.main), 0, -8) +
  mirrored(oval(52, 150, 34, 18, p.wood) + circle(74, -34, 24, p.wood) + circle(74, -34, 12, p.light)) +
  oval(0, 42, 92, 88, p.paper) +
  eyes(p, 40, 22, 13) +
  oval(0, 62, 22, 17, p.ink) +
  stroke('M0 78 V92 M0 92 Q-16 106 -28 94 M0 92 Q16 106 28 94', p.ink, 6);

const owl: Motif = (p) =>
  shape(
    'M-120 -160 Q-70 -120 0 -124 Q70 -120 120 -160 Q150 60 92 140 Q0 190 -92 140 Q-150 60 -120 -160Z',
    p.main,
  ) +
  oval(0, 66, 72, 84, p.light) +
  [-30, 0, 30]
    .map((x) =>
      stroke(`M${x - 12} 40 q12 14 24 0 M${x - 12} 76 q12 14 24 0 M${x - 12} 112 q12 14 24 0`, p.dark, 6),
    )
    .join('') +
  mirrored(
    shape('M96 -20 Q150 60 92 140 Q70 60 96 -20Z', p.dark) +
      circle(50, -54, 54, p.paper) +
      circle(50, -54, 30, p.accent),
  ) +
  eyes(p, 50, -54, 19) +
  shape('M-18 -26 H18 L0 14Z', p.accentDark) +
  mirrored(oval(36, 164, 22, 11, p.accentDark));

const bird: Motif = (p) =>
  stroke('M-14 110 V160 M30 108 V160 M-34 162 H6 M10 162 H50', p.accentDark, 8) +
  shape('M-92 10 L-196 -6 L-180 50 L-96 60Z', p.dark) +
  shape(
    'M-120 40 Q-70 -40 20 -60 Q40 -130 104 -126 Q160 -120 160 -60 Q170 110 20 124 Q-90 126 -120 40Z',
    p.main,
  ) +
  shape('M20 124 Q150 100 158 -30 Q90 20 40 60 Q0 100 20 124Z', p.light) +
  shape('M-96 30 Q-20 -40 70 0 Q40 92 -40 86 Q-84 78 -96 30Z', p.dark) +
  stroke('M-60 40 Q-10 20 40 26 M-40 62 Q-10 48 24 52', p.light, 6) +
  shape('M156 -92 L206 -66 L158 -46Z', p.accent) +
  circle(116, -76, 13, p.ink) +
  circle(112, -81, 4, p.paper);

const fish: Motif = (p) =>
  shape('M-90 0 L-186 -84 Q-164 0 -186 84Z', p.accent) +
  shape('M-40 -66 Q10 -150 70 -74Z', p.accent) +
  shape('M-20 70 Q0 130 44 76Z', p.accent) +
  shape('M-116 0 Q-30 -112 70 -92 Q150 -70 178 0 Q150 70 70 92 Q-30 112 -116 0Z', p.main) +
  shape('M-116 0 Q-30 112 70 92 Q150 70 178 0 Q60 40 -116 0Z', p.dark) +
  stroke('M-50 -20 q22 20 0 42 M-6 -40 q26 40 0 80 M40 -50 q28 50 0 100', p.light, 9) +
  circle(112, -20, 24, p.paper) +
  circle(117, -18, 13, p.ink) +
  stroke('M170 16 Q150 26 132 20', p.ink, 5) +
  circle(186, -70, 11, p.light) +
  circle(168, -104, 8, p.light) +
  circle(196, -116, 14, p.light);

const whale: Motif = (p) =>
  stroke('M40 -96 V-140 M40 -130 Q10 -176 -10 -146 M40 -130 Q70 -176 92 -146', p.accent, 13) +
  shape('M-120 30 Q-190 0 -194 -84 Q-160 -56 -138 -56 Q-120 -84 -80 -90 Q-84 -30 -60 0Z', p.main) +
  shape(
    'M-136 20 Q-80 30 -40 -40 Q40 -120 130 -60 Q200 0 170 90 Q140 130 20 130 Q-110 126 -136 20Z',
    p.main,
  ) +
  shape('M-96 88 Q40 90 182 46 Q186 70 170 90 Q140 130 20 130 Q-60 128 -96 88Z', p.paper) +
  stroke('M-20 106 Q30 112 74 104 M0 122 Q50 124 100 114', p.light, 5) +
  shape('M10 80 Q-30 130 -70 140 Q-40 90 -20 74Z', p.dark) +
  circle(112, 14, 11, p.ink) +
  circle(134, 36, 14, p.accent);

const butterfly: Motif = (p) =>
  mirrored(
    shape('M8 -20 C40 -190 210 -180 190 -60 C180 10 80 20 8 0Z', p.main) +
      shape('M8 10 C100 20 170 60 130 130 C100 180 20 120 8 20Z', p.dark) +
      circle(124, -90, 27, p.accent) +
      circle(92, 86, 20, p.accent) +
      circle(72, -52, 14, p.light) +
      stroke('M4 -90 Q20 -140 46 -150', p.ink, 6) +
      circle(48, -150, 8, p.ink),
  ) +
  oval(0, 10, 14, 98, p.ink) +
  circle(0, -92, 18, p.ink);

const bee: Motif = (p) =>
  placed(
    oval(-20, -84, 46, 84, p.paper, -28) +
      oval(56, -84, 40, 74, p.paper, 24) +
      oval(0, 30, 140, 92, p.main) +
      shape('M-60 -52 Q-34 30 -60 112 Q-20 122 -8 122 Q14 30 -8 -62 Q-40 -60 -60 -52Z', p.ink) +
      shape('M44 -56 Q66 30 44 117 Q76 108 92 98 Q112 30 92 -40Z', p.ink) +
      shape('M-134 10 L-176 30 L-134 50Z', p.ink) +
      circle(110, 10, 12, p.ink) +
      stroke('M120 -40 Q134 -80 162 -86 M96 -54 Q100 -96 126 -110', p.ink, 7),
    0,
    0,
    1,
    -8,
  );

const turtle: Motif = (p) =>
  oval(-90, 112, 34, 44, p.accentDark, 20) +
  oval(70, 112, 34, 44, p.accentDark, -20) +
  shape('M-150 70 L-196 96 L-140 96Z', p.accentDark) +
  oval(160, 14, 46, 42, p.accentDark) +
  circle(174, 4, 9, p.ink) +
  stroke('M166 30 Q180 38 192 28', p.ink, 5) +
  shape('M-156 90 Q-140 -110 0 -112 Q140 -110 134 90Z', p.main) +
  stroke('M-150 92 H128', p.accent, 26) +
  placed(
    around(6, shape('M-22 -74 L22 -74 L30 -44 L0 -30 L-30 -44Z', p.dark)) +
      shape('M0 -30 L26 -15 L26 15 L0 30 L-26 15 L-26 -15Z', p.light),
    -8,
    -6,
    0.92,
  );

const elephant: Motif = (p) =>
  shape('M-120 160 Q-150 20 -40 0 H60 Q140 30 120 160Z', p.main) +
  oval(-112, -44, 74, 92, p.dark, -8) +
  oval(112, -44, 74, 92, p.dark, 8) +
  oval(-112, -40, 46, 64, p.accent, -8) +
  oval(112, -40, 46, 64, p.accent, 8) +
  oval(0, -44, 94, 102, p.main) +
  stroke('M0 -10 Q-6 80 6 110 Q24 140 56 118', p.main, 46) +
  stroke('M-18 40 h34 M-16 70 h34 M-10 98 h34', p.dark, 6) +
  eyes(p, 44, -50, 12) +
  mirrored(shape('M40 20 Q62 70 40 92 Q32 60 26 30Z', p.paper)) +
  mirrored(oval(76, 156, 40, 18, p.dark));

export const animalMotifs: Readonly<Record<string, Motif>> = {
  fox,
  cat,
  dog,
  rabbit,
  bear,
  hedgehog,
  owl,
  bird,
  fish,
  whale,
  butterfly,
  bee,
  turtle,
  elephant,
};
