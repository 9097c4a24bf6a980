/**
 * A rule about texts: `listeners` is given what reports one, and the source. What it finds is named in `message` as
 * {{text}}.
 */
export function textRule(message, listeners) {
  return {
    meta: { type: 'problem', schema: [], messages: { found: message } },
    create(context) {
      const report = (node, text) =>
        context.report({ node, messageId: 'found', data: { text: text.trim() } });
      return listeners(report, context.sourceCode);
    },
  };
}

/** A listener for strings between quotes. */
export function onString(look) {
  return (node) => {
    if (typeof node.value === 'string') look(node, node.value);
  };
}
