/** OpenAI and servers that speak like it: texts, vision and images. */
import type { ChatRole, ProviderDescriptor } from '../descriptor.ts';
import { openaiImageModel } from './imageModels.ts';
import { textModel } from './textModels.ts';

const parameter = { section: 'parameters', scope: 'resource', forms: ['settings', 'job'] } as const;
const chosen = { 'provider.image': ['openai'] } as const;

const chat = { model: 'openai.model', facts: textModel, price: null } as const satisfies ChatRole<string>;

export const openai = {
  name: 'openai',
  label: 'OpenAI',
  access: {
    variable: 'OPENAI_API_KEY',
    endpoint: { default: 'https://api.openai.com/v1', of: 'OpenAI or a compatible service' },
  },
  roles: {
    text: chat,
    vision: chat,
    image: {
      reads: { model: 'openai.imageModel', quality: 'openai.imageQuality', sizes: 'runware.dimensions' },
      model: 'gpt-image',
      facts: openaiImageModel,
      price: null,
      maxPerRequest: 10,
    },
  },
  settings: {
    'openai.model': {
      ...parameter,
      kind: 'text',
      default: 'gpt-6-luna',
      maxLength: 200,
      required: true,
      label: 'OpenAI Model',
      help: 'Model that writes prompts, checks images and describes them; it must read images.',
      when: { 'provider.text': ['openai'] },
    },
    'openai.imageModel': {
      ...parameter,
      kind: 'text',
      default: 'gpt-image-2.6-flare',
      maxLength: 200,
      required: true,
      label: 'OpenAI Image Model',
      help: 'Model that makes the images.',
      when: chosen,
    },
    'openai.imageQuality': {
      ...parameter,
      kind: 'choice',
      default: 'auto',
      options: [
        { value: 'auto', label: 'Auto' },
        { value: 'low', label: 'Low' },
        { value: 'medium', label: 'Medium' },
        { value: 'high', label: 'High' },
        { value: 'xhigh', label: 'Extra high (gpt-image-2.5 and newer)' },
        { value: 'max', label: 'Maximum (gpt-image-2.5 and newer)' },
      ],
      label: 'OpenAI Image Quality',
      help: 'Higher quality costs more per image.',
      when: chosen,
    },
    'openai.imageBackground': {
      ...parameter,
      kind: 'choice',
      default: 'auto',
      options: [
        { value: 'auto', label: 'Auto' },
        { value: 'opaque', label: 'Opaque' },
        { value: 'transparent', label: 'Transparent' },
      ],
      label: 'OpenAI Image Background',
      help: 'Transparent makes images without a background, where the model can.',
      when: chosen,
    },
  },
  remedy: 'openai.model',
  pricesAsOf: '2026-11-05',
} as const satisfies ProviderDescriptor;
