/** How text is folded for search and for natural order; stored and asked for in the same folded form. */

/**
 * Ignores case, the width of letters and how accents are composed. A sigma at a word's end is a sigma, and a
 * text that is no valid Unicode loses only the part that is none.
 */
export function foldText(text: string): string {
  return text
    .replace(/\p{Cs}/gu, '\uFFFD')
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .replaceAll('\0', ' ');
}

/** The words of a search, folded: each must occur, anywhere in a word. Quotes and signs are ordinary characters. */
export function searchTerms(search: string | undefined): string[] {
  const terms = foldText(search ?? '')
    .split(/\s+/u)
    .filter((term) => term !== '');
  // A pasted page of text is no search; the first words tell as much.
  return [...new Set(terms)].slice(0, 20).map((term) => term.slice(0, 200));
}

/** True when the trigram index can find the term: it knows texts of three characters and more. */
export function isIndexed(term: string): boolean {
  return Array.from(term).length >= 3;
}

/** A query of the full-text index for one term, taken literally. */
export function quotedTerm(term: string): string {
  return `"${term.replaceAll('"', '""')}"`;
}

/** The key by which names are ordered: ignoring case and accents, numbers by their value. */
export function nameKey(name: string): string {
  return foldText(name)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .trim()
    .slice(0, 200)
    .replace(/\d+/g, (digits) => digits.replace(/^0+(?=\d)/, '').padStart(12, '0'));
}

/**
 * What search finds an image by: its words, each part on its own line so that no match spans two. Two line ends
 * at the end make every character the beginning of a text of three, by which short terms are found.
 */
export function imageText(image: {
  prompt: string;
  title: string | null;
  description: string | null;
  tags: readonly string[];
}): string {
  return foldText(
    [image.prompt, image.title ?? '', image.description ?? '', ...image.tags, '', ''].join('\n'),
  );
}
