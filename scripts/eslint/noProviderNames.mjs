/**
 * Nothing outside `src/engine/providers/` names a provider: what differs between them is asked of the registry. Looks
 * at strings, names and comments. The names are those of the folders, so that a new provider is covered as it comes.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { onString, textRule } from './textRule.mjs';

const folder = join(import.meta.dirname, '../../src/engine/providers');
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/** A word of everyday language names its provider only where it stands alone in a string. */
const everyday = names.filter((name) => name === 'sample');
/** As texts write them. */
const spellings = ['remove\\.bg', 'midjourney'];
const others = [...names.filter((name) => !everyday.includes(name)), ...spellings].join('|');
const anywhere = new RegExp(`\\b(?:${others})(?![a-z])`, 'i');
const inNames = new RegExp(`^(?:${others})`, 'i');

export const noProviderNames = textRule(
  '"{{text}}" names a provider. Ask the registry for what differs between providers.',
  (report, source) => {
    const look = (node, text) => {
      if (anywhere.test(text) || everyday.includes(text)) report(node, text);
    };
    return {
      Literal: onString(look),
      TemplateElement: (node) => look(node, node.value.cooked ?? ''),
      Identifier: (node) => {
        if (inNames.test(node.name)) report(node, node.name);
      },
      Program: () => {
        for (const comment of source.getAllComments()) {
          if (anywhere.test(comment.value)) report(comment, comment.value);
        }
      },
    };
  },
);
