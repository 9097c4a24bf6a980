import assert from 'node:assert/strict';
import { plainText } from '../../../src/extension/plainText.ts';

describe('Words from outside in notifications, lists and trees', () => {
  const cases: [what: string, text: string, forbidden: RegExp][] = [
    ['a link that runs a command', '[retry](command:workbench.action.terminal.new)', /\]\(/u],
    ['a link to an address', '[log](https://evil.example)', /\]\(/u],
    ['an icon', '$(verified-filled) trusted', /\$\(/u],
    ['an icon that turns', 'x $(sync~spin)', /\$\(/u],
    ['the direction of writing', 'gpj.\u202Eexe', /\u202e/u],
    ['isolated directions', '\u2066a\u2069\u200f', /[\u2066-\u2069\u200f]/u],
    ['escapes', '\u001b]0;title\u0007\u009b2J', /\p{Cc}/u],
    ['separators of lines', 'a\u2028b\rc', /[\u2028\r]/u],
  ];
  for (const [what, text, forbidden] of cases) {
    it(`cannot make ${what}`, () => {
      assert.match(text, forbidden);
      assert.doesNotMatch(plainText(text), forbidden);
    });
  }
});
