/**
 * What the file format of workbooks (ECMA-376) demands of ours and lenient readers overlook: every part known
 * and well-formed, every reference there, elements in their order, cells of known types in their places.
 */
import assert from 'node:assert/strict';
import { unzip } from './unzip.ts';

/** The order that CT_Worksheet prescribes, as far as anything writes them. */
const worksheetOrder = [
  'sheetPr',
  'dimension',
  'sheetViews',
  'sheetFormatPr',
  'cols',
  'sheetData',
  'autoFilter',
  'mergeCells',
  'pageMargins',
  'pageSetup',
];
const cellTypes = new Set([undefined, 'n', 's', 'str', 'inlineStr', 'b', 'e', 'd']);

type Parts = Map<string, string>;

async function partsOf(path: string): Promise<Parts> {
  return new Map((await unzip(path)).map(({ name, bytes }) => [name, bytes.toString()]));
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
}

/** Calls back for each element with the names of those around it. */
function walk(part: string, xml: string, visit: (name: string, tag: string, around: string[]) => void): void {
  const around: string[] = [];
  let end = 0;
  for (const match of xml.matchAll(/<([/?]?)([\w:.-]+)((?:[^<>"]|"[^"<]*")*?)(\/?)>/g)) {
    const [tag, before, name = '', , after] = match;
    const text = xml.slice(end, match.index);
    end = match.index + tag.length;
    assert.doesNotMatch(text, /[<>]|&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)/, `text in ${part}`);
    if (before === '?') continue;
    if (before === '/') {
      assert.equal(around.pop(), name, `${part} closes what it opened`);
      continue;
    }
    visit(name, tag, around);
    if (after !== '/') around.push(name);
  }
  assert.deepEqual([around, xml.slice(end).trim()], [[], ''], `${part} ends`);
}

function columnNumber(letters: string): number {
  let number = 0;
  for (let at = 0; at < letters.length; at += 1) number = number * 26 + letters.charCodeAt(at) - 64;
  return number;
}

function checkWorksheet(part: string, xml: string, styles: number): void {
  const order: number[] = [];
  let [row, column] = [0, 0];
  walk(part, xml, (name, tag, around) => {
    if (around.length === 1) {
      assert.ok(worksheetOrder.includes(name), `${name} in ${part}`);
      order.push(worksheetOrder.indexOf(name));
    }
    if (name === 'row') {
      const next = Number(attribute(tag, 'r'));
      assert.ok(next > row, `row ${next} follows ${row} in ${part}`);
      [row, column] = [next, 0];
    }
    if (name === 'c') {
      const [, letters = '', at] = /^([A-Z]+)(\d+)$/.exec(attribute(tag, 'r') ?? '') ?? [];
      assert.equal(Number(at), row, `${tag} stands in its row`);
      assert.ok(columnNumber(letters) > column, `${tag} follows the cell before`);
      column = columnNumber(letters);
      assert.ok(cellTypes.has(attribute(tag, 't')), tag);
      assert.ok(Number(attribute(tag, 's') ?? 0) < styles, `${tag} has a style that there is`);
    }
    assert.notEqual(name, 'f', `no formula in ${part}`);
  });
  assert.deepEqual(
    order,
    [...new Set(order)].sort((a, b) => a - b),
    `the order of elements in ${part}`,
  );
}

/** Fails with what is wrong. */
export async function assertWorkbookSchema(path: string): Promise<void> {
  const parts = await partsOf(path);
  const types = parts.get('[Content_Types].xml') ?? '';
  for (const [part, xml] of parts) {
    walk(part, xml, () => undefined);
    const ending = part.slice(part.lastIndexOf('.') + 1);
    assert.ok(
      part === '[Content_Types].xml' ||
        types.includes(`PartName="/${part}"`) ||
        (ending === 'rels' && types.includes('Extension="rels"')),
      `${part} has a content type`,
    );
    if (ending !== 'rels') continue;
    const folder = part.replace(/_rels\/[^/]*$/, '');
    for (const [tag] of xml.matchAll(/<Relationship\s[^>]*>/g)) {
      const target = attribute(tag, 'Target') ?? '';
      const path = target.startsWith('/') ? target.slice(1) : folder + target;
      assert.ok(parts.has(path), `${part} names ${target}`);
    }
  }
  const workbook = parts.get('xl/workbook.xml') ?? '';
  const names = [...workbook.matchAll(/<sheet\s[^>]*>/g)].map(([tag]) => attribute(tag, 'name') ?? '');
  assert.ok(names.length > 0 && new Set(names).size === names.length);
  for (const name of names) assert.match(name, /^[^[\]:*?/\\]{1,31}$/);
  const formats = /<cellXfs[^>]*>.*?<\/cellXfs>/s.exec(parts.get('xl/styles.xml') ?? '')?.[0] ?? '';
  const styles = [...formats.matchAll(/<xf\s/g)].length;
  const sheets = [...parts].filter(([part]) => part.startsWith('xl/worksheets/') && part.endsWith('.xml'));
  assert.equal(sheets.length, names.length);
  for (const [part, xml] of sheets) checkWorksheet(part, xml, styles);
}
