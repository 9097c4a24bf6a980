/** What the sample provider writes: prompts from rows, descriptions from prompts. */
import { trimEnd } from '../../model/trimEnd.ts';
import type { ImageMetadata } from '../provider.ts';

/** Columns that name the subject, whatever stands before them. */
const subjectColumns = /^(?:subject|keyword|topic|motif|name|title|object|item)s?$/i;

/** A prompt from the row behind it; from the instructions where there is no row. */
export function promptFromRow(row: Readonly<Record<string, string>>, instructions: string): string {
  const cells = Object.entries(row).filter(([, value]) => value.trim() !== '');
  const subject = cells.find(([column]) => subjectColumns.test(column)) ?? cells[0];
  if (subject === undefined) return oneLine(instructions).slice(0, 500);
  const rest = cells.filter((cell) => cell !== subject).map(([, value]) => oneLine(value));
  const mentionsBackground = rest.some((value) => /\b(?:background|backdrop)\b/i.test(value));
  const parts = [capitalised(oneLine(subject[1])), ...rest, 'clean composition'];
  if (!mentionsBackground) parts.push('plain background');
  return `${parts.join(', ')}.`;
}

/** Says nothing about an image, in a title or as a tag. */
const emptyWords = new Set(
  `a an and are as at background backdrop be by clean composition create do for from generate high image in into is it
  its make new no of on one or over photo picture plain please prompt quality simple single solid style that the this to
  up with without write your`.split(/\s+/),
);

/** Title, description and tags from the prompt alone. */
export function describeFromPrompt(prompt: string): ImageMetadata {
  const text = trimEnd(oneLine(prompt), '. ');
  const clauses = text
    .split(/[,;.:]/)
    .map((clause) => clause.trim())
    .filter((clause) => clause !== '' && !isEmpty(clause));
  const title = capitalised((clauses[0] ?? text).slice(0, 70)) || 'Untitled';
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? [];
  const tags = [...new Set(words.filter((word) => word.length > 2 && !emptyWords.has(word)))].slice(0, 20);
  const details = clauses.slice(1);
  return {
    title,
    description: `A picture of ${lowered(title)}${details.length > 0 ? `: ${details.join(', ')}` : ''}.`,
    tags: tags.length > 0 ? tags : ['picture'],
  };
}

function isEmpty(clause: string): boolean {
  return clause
    .toLowerCase()
    .split(/\s+/)
    .every((word) => emptyWords.has(word));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Names and abbreviations keep their capitals. */
function lowered(text: string): string {
  return /^\p{Lu}\p{Ll}/u.test(text) ? text.slice(0, 1).toLowerCase() + text.slice(1) : text;
}
