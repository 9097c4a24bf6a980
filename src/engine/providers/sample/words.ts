/** What the sample provider reads from a prompt: subjects, colour, background, mood and style. */
import { hashOf, hsl } from './shapes.ts';

const wordsOf = (table: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(table).flatMap(([name, list]) =>
      list.split(' ').map((word): [string, string] => [word, name]),
    ),
  );

/** Motif by word; what has none is drawn as an ornament. */
const motifWords = wordsOf({
  mountain: 'mountain mountains alps alpine peak summit hill hills glacier volcano landscape valley',
  sea: 'sea ocean wave waves beach coast surf lake river water harbor harbour lagoon sailing marine',
  forest: 'forest woods woodland jungle pine pines fir spruce wilderness',
  desert: 'desert dune dunes sahara canyon savanna savannah camel',
  sun: 'sun sunny sunshine sunrise summer solar',
  moon: 'moon lunar crescent midnight night sleep dream',
  tree: 'tree trees oak maple apple-tree orchard park bonsai willow',
  flower: 'flower flowers daisy daisies sunflower blossom bloom floral garden meadow lotus lily orchid',
  rose: 'rose roses peony romance',
  tulip: 'tulip tulips spring crocus',
  leaf: 'leaf leaves foliage fern plant plants botanical herb herbs mint basil autumn eco green-leaf',
  mushroom: 'mushroom mushrooms fungus toadstool fungi',
  cactus: 'cactus cacti succulent succulents agave',
  cloud: 'cloud clouds rain rainy storm weather sky',
  snowflake: 'snowflake snowflakes snow winter ice frost christmas xmas frozen',
  palm: 'palm palms tropical island hawaii coconut paradise vacation',
  fox: 'fox foxes wolf wolves coyote',
  cat: 'cat cats kitten kittens kitty tiger lion leopard lynx panther',
  dog: 'dog dogs puppy puppies hound retriever corgi poodle terrier',
  rabbit: 'rabbit rabbits bunny bunnies hare easter',
  bear: 'bear bears panda teddy koala grizzly polar hamster mouse raccoon monkey',
  hedgehog: 'hedgehog hedgehogs porcupine',
  owl: 'owl owls wisdom',
  bird: 'bird birds robin sparrow parrot hummingbird finch swallow dove pigeon eagle falcon duck swan chicken hen rooster',
  fish: 'fish fishes goldfish koi salmon tuna shark aquarium coral',
  whale: 'whale whales dolphin dolphins orca narwhal',
  butterfly: 'butterfly butterflies moth moths dragonfly',
  bee: 'bee bees honey honeybee bumblebee wasp',
  turtle: 'turtle turtles tortoise',
  elephant: 'elephant elephants mammoth',
  cup: 'cup cups coffee tea mug espresso cappuccino latte cocoa cafe breakfast teacup teapot matcha',
  house: 'house houses home cottage cabin hut barn village farm building shop',
  castle: 'castle castles palace fortress kingdom knight medieval fairy tower',
  lighthouse: 'lighthouse lighthouses beacon',
  city: 'city cities town skyline street urban skyscraper skyscrapers downtown office',
  planet: 'planet planets saturn jupiter galaxy space cosmos universe astronomy',
  cake: 'cake cakes cupcake cupcakes muffin dessert pastry birthday bakery sweets donut doughnut cookie bread icecream chocolate',
  apple: 'apple apples cherry cherries peach peaches pear pears plum tomato pomegranate fruit fruits',
  citrus: 'citrus lemon lemons orange-fruit oranges lime limes grapefruit',
  strawberry: 'strawberry strawberries raspberry raspberries berry berries',
  rocket: 'rocket rockets spaceship spacecraft shuttle launch startup astronaut',
  car: 'car cars automobile vehicle taxi truck van road racing drive',
  bicycle: 'bicycle bicycles bike bikes cycling cyclist',
  boat: 'boat boats ship ships sailboat yacht sail regatta',
  balloon: 'balloon balloons airship adventure flight flying travel',
  umbrella: 'umbrella umbrellas parasol',
  star: 'star stars award success winner',
  heart: 'heart hearts love valentine health wedding',
  lamp: 'lamp lamps lantern lanterns light candle candles',
  book: 'book books reading library school study story novel education',
  gift: 'gift gifts present presents box surprise',
  crown: 'crown crowns king queen royal royalty prince princess',
  diamond: 'diamond diamonds gem gems jewel jewels crystal crystals jewelry ring',
  robot: 'robot robots android machine technology cyborg ai computer',
  guitar: 'guitar guitars music song band instrument violin piano concert',
  vase: 'vase vases bouquet ceramic pottery jar pot',
});

/** Hue, saturation, lightness of colour words. */
const colors: Readonly<Record<string, readonly [number, number, number]>> = {
  red: [2, 76, 53],
  crimson: [348, 78, 46],
  scarlet: [8, 84, 52],
  orange: [24, 88, 55],
  amber: [38, 92, 54],
  golden: [43, 85, 54],
  gold: [43, 85, 54],
  yellow: [48, 94, 58],
  lime: [82, 66, 50],
  green: [138, 46, 42],
  emerald: [152, 58, 40],
  olive: [70, 42, 40],
  mint: [160, 45, 66],
  teal: [178, 56, 38],
  turquoise: [174, 60, 48],
  cyan: [188, 72, 48],
  blue: [214, 70, 52],
  azure: [205, 80, 56],
  navy: [222, 60, 30],
  indigo: [240, 48, 46],
  violet: [264, 56, 58],
  purple: [276, 50, 50],
  lavender: [258, 52, 74],
  lilac: [280, 42, 72],
  magenta: [312, 66, 52],
  pink: [338, 78, 70],
  rosy: [346, 68, 66],
  coral: [12, 84, 65],
  peach: [22, 86, 74],
  brown: [24, 44, 36],
  beige: [36, 40, 76],
  cream: [42, 62, 86],
  grey: [214, 8, 54],
  gray: [214, 8, 54],
  silver: [212, 12, 72],
  black: [220, 14, 16],
  white: [40, 16, 96],
  copper: [18, 60, 48],
  bronze: [30, 52, 42],
  turquois: [174, 60, 48],
};

/** What things look like when nobody says. */
const natural: Readonly<Record<string, string>> = {
  mountain: 'azure',
  sea: 'teal',
  forest: 'emerald',
  desert: 'orange',
  sun: 'amber',
  moon: 'yellow',
  tree: 'green',
  flower: 'pink',
  rose: 'crimson',
  tulip: 'coral',
  leaf: 'green',
  mushroom: 'red',
  cactus: 'emerald',
  cloud: 'blue',
  snowflake: 'azure',
  palm: 'green',
  fox: 'orange',
  cat: 'grey',
  dog: 'copper',
  rabbit: 'beige',
  bear: 'brown',
  hedgehog: 'brown',
  owl: 'bronze',
  bird: 'blue',
  fish: 'coral',
  whale: 'blue',
  butterfly: 'violet',
  bee: 'amber',
  turtle: 'emerald',
  elephant: 'grey',
  cup: 'teal',
  house: 'coral',
  castle: 'lilac',
  lighthouse: 'red',
  city: 'indigo',
  planet: 'violet',
  cake: 'pink',
  apple: 'red',
  citrus: 'yellow',
  strawberry: 'red',
  rocket: 'red',
  car: 'blue',
  boat: 'red',
  bicycle: 'teal',
  balloon: 'coral',
  umbrella: 'magenta',
  star: 'amber',
  heart: 'red',
  lamp: 'copper',
  book: 'indigo',
  gift: 'magenta',
  crown: 'gold',
  diamond: 'cyan',
  robot: 'teal',
  guitar: 'copper',
  vase: 'turquoise',
};

const styleWords = wordsOf({
  outline: 'outline outlined line lineart ink sketch doodle drawing drawn cartoon comic sticker',
  retro: 'retro vintage poster muted seventies rustic antique',
  soft: 'watercolor watercolour pastel soft gentle delicate dreamy cozy cosy kawaii cute',
  neon: 'neon cyberpunk synthwave glowing vaporwave electric vivid',
});

const darkWords = /\b(?:night|dark|moody|midnight|space|galaxy|neon|noir|cosmic|starry|cyberpunk)\b/;

export type Style = 'flat' | 'outline' | 'retro' | 'soft' | 'neon';

export interface ParsedPrompt {
  /** One or two motif names, the subject first. */
  motifs: string[];
  /** Hue, saturation, lightness. */
  main: readonly [number, number, number];
  accent: readonly [number, number, number] | null;
  /** A colour that the prompt asks for behind the subject. */
  background: string | null;
  dark: boolean;
  style: Style;
}

/** Reads a prompt; the same text is always read the same way. `known` are the motifs that can be drawn. */
export function parsePrompt(prompt: string, known: readonly string[]): ParsedPrompt {
  const text = prompt.toLowerCase().normalize('NFC').replace(/\s+/gu, ' ');
  // "on a white background" speaks of the background, not of the subject.
  const behind =
    /\b(?:(?:on|against|over|with) ?)?(?:(?:an?|the) ?)?(?:(?:plain|solid|simple|pure|clean|flat|light|soft|pale|dark)[ -]{1,3}){0,4}([a-z]{1,20})[ -]{1,3}(?:background|backdrop)\b/.exec(
      text,
    );
  const background = behind === null ? undefined : colors[behind[1] ?? ''];
  const subjectText = behind === null ? text : text.replace(behind[0], ' ');
  const words = subjectText.match(/[\p{L}\p{N}-]+/gu) ?? [];
  const motifs: string[] = [];
  for (const word of words) {
    const motif = motifWords.get(word);
    if (motif !== undefined && known.includes(motif) && !motifs.includes(motif)) motifs.push(motif);
  }
  if (motifs.length === 0) motifs.push('ornament');
  const named = words.flatMap((word) => (colors[word] === undefined ? [] : [colors[word]]));
  const subject = motifs[0] ?? 'star';
  return {
    motifs: motifs.slice(0, 2),
    main: named[0] ?? colors[natural[subject] ?? ''] ?? [hashOf(text) % 360, 60, 52],
    accent: named[1] ?? null,
    background: background === undefined ? null : hsl(...background),
    dark: darkWords.test(text),
    style: (words.map((word) => styleWords.get(word)).find((style) => style !== undefined) ??
      'flat') as Style,
  };
}
