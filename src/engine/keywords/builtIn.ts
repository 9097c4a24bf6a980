/** The prompts that are used where the user gives none (K7). */

const rules = `Rules for the prompt:
- English, one paragraph, 30 to 120 words.
- Describe subject, composition, style, light, colours and mood so that a picture can be made from it alone.
- No text, logos, brands, watermarks or real persons in the picture.
- Only the prompt: no preface, no quotes, no parameters.`;

/** Instructions that write the prompt of one image: one line for every column, so that no cell is lost. */
export function builtInTemplate(kind: 'txt' | 'csv', columns: readonly string[]): string {
  const task =
    'You write prompts for a text-to-image model. Write one prompt for one picture of the following.';
  const lines = columns.map((column) => `${kind === 'txt' ? 'Keyword' : escaped(column)}: \${{${column}}}`);
  return `${task}\n\n${lines.join('\n')}\n\n${rules}\n`;
}

/** A header that itself looks like a placeholder stays text. */
function escaped(column: string): string {
  return column.split('${{').join('$${{');
}

export const builtInQualityCheck = `You check pictures before they are published. Look at the picture and decide whether it may be used.

Reject it if any of these is clearly visible:
- broken or misspelt text, or letters that mean nothing;
- logos, trademarks, watermarks or signatures;
- a celebrity, or a character, product or building that is protected by copyright;
- deformed hands, faces, limbs or objects, or parts that are cut off by mistake;
- blur, noise or artefacts, or a picture that is empty.

Text in a design is fine when it is spelt correctly and easy to read. Do not reject a picture for taste.
Answer with "passed" (true or false) and "reason" (one sentence that names what was seen).
`;

export const builtInMetadata = `You describe pictures for a stock-image catalogue. Look at the picture; it was made from this prompt:

\${promptContext}

Answer with:
- "title": 8 to 12 words that a buyer would search for;
- "description": 150 to 250 characters about what the picture shows and what it can be used for;
- "tags": 15 single words or short phrases, the most fitting first, none twice.

Describe what is in the picture, not the prompt, where they differ. No brands and no names of artists.
`;
