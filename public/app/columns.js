// The width of columns in a table that shows a part of its rows: what stands in view must not decide it.

import { h } from './dom.js';

const samples = 400;
const narrowest = 10;
const widest = 46;

/** Columns as wide as their longest of a sample of texts; `texts` maps a row to its cells' texts. */
export function columnGroup(rows, heads, texts) {
  const lengths = heads.map((head) => head.length + 4);
  const step = Math.max(1, Math.floor(rows.length / samples));
  for (let index = 0; index < rows.length; index += step) {
    texts(rows[index]).forEach((text, column) => {
      lengths[column] = Math.max(lengths[column], String(text).length + 3);
    });
  }
  const clamped = lengths.map((length) => Math.min(widest, Math.max(narrowest, length)));
  const total = clamped.reduce((sum, length) => sum + length, 0);
  return h('colgroup', null, clamped.map((length) => {
    const column = h('col');
    column.style.width = `${(100 * length) / total}%`;
    return column;
  }));
}
