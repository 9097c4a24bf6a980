/**
 * What the engine tells people stands in a room's `messages.ts`. Finds words elsewhere in it: two of them side by side,
 * or one alone that begins with a capital. Not looked at: names, SQL, and what is for programmers (`new Error`, rows of
 * the debug log). Which files hold nothing but tables of texts, the configuration says.
 */
import { onString, textRule } from './textRule.mjs';

const words = /[A-Za-z]{2,} [a-z]{2,}|^[A-Z][a-z]+…?$/u;
/** Only these speak to the database, and nobody says such words aloud in capitals. */
const sql =
  /(?:= ?(?:@|'|NULL))|\b(?:SELECT|FROM|WHERE|AND|OR|IN|INTO|SET|UPDATE|DELETE|INSERT|JOIN|ORDER|UNION|INDEXED|MATCH|TRIGGER|PRAGMA|AS|LIMIT|BETWEEN|ALTER)\b/u;

/** Strings that name something instead of saying it. */
function isName({ parent }) {
  if (parent.type === 'BinaryExpression') return /^[!=]==$/u.test(parent.operator);
  return parent.type === 'ImportDeclaration' || parent.type === 'TSLiteralType';
}

/** The call that takes the text, if any: an error that no person reads, or a row of the debug log. */
function isForProgrammers(node) {
  for (let at = node.parent; at !== null; at = at.parent) {
    if (at.type === 'NewExpression') return /^(?:Type|Range)?Error$/u.test(at.callee.name);
    if (at.type === 'CallExpression') return (at.callee.property ?? at.callee).name === 'debug';
    if (/Statement|Declaration|Function/u.test(at.type)) return false;
  }
  return false;
}

export const noFreeText = textRule(
  '"{{text}}" is told to people: give it a name in messages.ts.',
  (report) => {
    const look = (node, text) => {
      if (!words.test(text) || sql.test(text) || isName(node) || isForProgrammers(node)) return;
      report(node, text.trim().slice(0, 60));
    };
    return {
      Literal: onString(look),
      TemplateLiteral: (node) => look(node, node.quasis.map(({ value }) => value.cooked ?? '').join('0')),
    };
  },
);
