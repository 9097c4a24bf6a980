/** Settings of the Processing section. */
import type { SettingDefinition } from '../model/settingDefinition.ts';
import { choicesFor, defaultProviders, providerSettings } from '../providers/registry.ts';

const processing = { section: 'processing', scope: 'resource', forms: ['settings', 'job', 'retry'] } as const;
const removing = { 'processing.removeBackground': [true] } as const;
const enhancing = { 'processing.enhance': [true] } as const;
const converting = { 'processing.convert': [true] } as const;

export const processingSettings = {
  'processing.removeBackground': {
    ...processing,
    kind: 'toggle',
    default: false,
    label: 'Remove Background',
    help: 'Cut the subject out; the image gets a transparent background.',
  },
  'provider.backgroundRemoval': {
    ...processing,
    kind: 'choice',
    default: defaultProviders.backgroundRemoval,
    options: choicesFor('backgroundRemoval'),
    label: 'Background Remover',
    help: 'Who cuts the subject out.',
    when: removing,
  },
  ...providerSettings('processing'),
  'processing.trimTransparent': {
    ...processing,
    kind: 'toggle',
    default: false,
    label: 'Trim Transparent Background',
    help: 'Cut transparent borders off.',
    when: removing,
  },
  'processing.enhance': {
    ...processing,
    kind: 'toggle',
    default: false,
    label: 'Image Enhancement',
    help: 'Sharpen the image and change its saturation.',
  },
  'processing.sharpening': {
    ...processing,
    kind: 'number',
    default: 5,
    min: 0,
    max: 10,
    step: 0.5,
    label: 'Sharpening Level',
    help: '0 sharpens nothing.',
    when: enhancing,
  },
  'processing.saturation': {
    ...processing,
    kind: 'number',
    default: 1.4,
    min: 0,
    max: 2,
    step: 0.1,
    label: 'Saturation Level',
    help: '0 is greyscale, 1 changes nothing, 2 doubles the saturation.',
    when: enhancing,
  },
  'processing.convert': {
    ...processing,
    kind: 'toggle',
    default: false,
    label: 'Image Convert',
    help: 'Save the image in another format.',
  },
  'processing.convertFormat': {
    ...processing,
    kind: 'choice',
    default: 'png',
    options: [
      { value: 'png', label: 'PNG' },
      { value: 'jpg', label: 'JPG' },
      { value: 'webp', label: 'WebP' },
    ],
    label: 'Convert Format',
    help: 'Format of the finished image.',
    when: converting,
  },
  'processing.jpgQuality': {
    ...processing,
    kind: 'integer',
    default: 85,
    min: 1,
    max: 100,
    label: 'JPG Quality',
    help: 'Higher is better and larger.',
    when: { 'processing.convert': [true], 'processing.convertFormat': ['jpg'] },
  },
  'processing.webpQuality': {
    ...processing,
    kind: 'integer',
    default: 85,
    min: 1,
    max: 100,
    label: 'WebP Quality',
    help: 'Higher is better and larger.',
    when: { 'processing.convert': [true], 'processing.convertFormat': ['webp'] },
  },
  'processing.jpgBackground': {
    ...processing,
    kind: 'choice',
    default: 'white',
    options: [
      { value: 'white', label: 'White' },
      { value: 'black', label: 'Black' },
    ],
    label: 'JPG Background Color',
    help: 'Colour behind the subject, because JPG has no transparency.',
    when: {
      'processing.removeBackground': [true],
      'processing.convert': [true],
      'processing.convertFormat': ['jpg'],
    },
  },
  'processing.failOnSteps': {
    ...processing,
    kind: 'choices',
    default: [],
    options: [
      { value: 'removeBackground', label: 'Background Removal' },
      { value: 'trim', label: 'Trim' },
      { value: 'enhance', label: 'Enhancement' },
      { value: 'metadata', label: 'Metadata' },
    ],
    label: 'Steps that fail the image',
    help: 'A failure of these steps fails the image instead of going on without them. Conversion and saving always do.',
    forms: ['job', 'retry'],
  },
} as const satisfies Record<string, SettingDefinition>;
