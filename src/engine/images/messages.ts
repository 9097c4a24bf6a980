/** What people are told by this room. */
import { defineMessages } from '../model/message.ts';

export const messages = defineMessages('images', {
  cutOff: 'The {type} image is damaged or was cut off ({count} bytes arrived).',
  drawingFilters: 'The SVG image is too complex to draw: {steps} steps of filters.',
  drawingNoises: 'The SVG image is too complex to draw: {noises} noise filters.',
  drawingOctaves: 'The SVG image is too complex to draw: {octaves} octaves of noise.',
  drawingRepeats: 'The SVG image is too complex to draw: over {most} repeated elements.',
  drawingTakesMemory: 'The SVG image is too complex to draw: it takes too much memory.',
  drawingTakesTime: 'The SVG image is too complex to draw: it takes over {seconds} seconds.',
  drawingText: 'The SVG image is too complex to draw: {characters} characters of text.',
  empty: 'The image is empty: no bytes arrived.',
  entities: 'The SVG image declares entities, which are not allowed.',
  imageTakesMemory: 'The image takes too much memory to work on.',
  imageTakesTime: 'The image takes over {seconds} seconds to work on.',
  nestedTooDeep: 'The SVG image is nested deeper than {levels} levels.',
  noGrid: 'The image is too small to hold a grid of four.',
  noImage: 'This is no PNG, JPEG, WebP or SVG image but {kind}.',
  noLibrary:
    'The image library (sharp) could not be loaded on this computer. Reinstall Gen Image Factory for this platform.',
  noPixels: 'The {type} image has no pixels.',
  noSvgRoot: 'The SVG image has no svg root element.',
  notConverted: 'The image could not be converted: {reason}.',
  notDecoded: 'The image could not be decoded: {reason}.',
  notEnhanced: 'The image could not be enhanced: {reason}.',
  notTrimmed: 'The image could not be trimmed: {reason}.',
  notWellFormed: 'The SVG image is not well-formed.',
  outOfTurn: 'The process that works on images answered out of turn.',
  pathOutside:
    'The stored path "{stored}" names no image in the workspace or its image folders, so it is not used.',
  processEnded: 'The image could not be worked on: the process that read it ended unexpectedly.',
  sideTooLong:
    'A {format} image has at most {limit} pixels a side; this one is {width} × {height}. Convert to PNG instead.',
  tooManyAttributes: 'An element of the SVG image has over {most} attributes.',
  tooManyBytes: 'The image is too large: {size} is over the limit of 64 MB.',
  tooManyElements: 'The SVG image has over {most} elements.',
  tooManyPixels: 'The image is too large: {width} × {height} pixels are over the limit of 64 megapixels.',
  tooMuchSvg: 'The image is too large: {size} of SVG is over the limit of 5 MB.',
});
