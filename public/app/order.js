// Which rows of a table are shown, and in what order.

import { sortValue } from './cells.js';
import { compare, parseDuration } from './format.js';

/** The rows that have all words of the filter, sorted as asked; events come newest first when nobody asks. */
export function chosenRows({ rows, columns, filter, facets, sort: { name, down }, kind }) {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = [...rows.values()].filter((row) => {
    if (facets && !facets.admits(row, columns)) return false;
    if (words.length === 0) return true;
    const text = `${row.meta.namespace ?? ''} ${row.cells.join(' ')}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  if (name === null && kind.resource === 'events') {
    const index = columns.findIndex((column) => column.name === 'Last Seen');
    return chosen.sort((a, b) => lastSeen(b, index) - lastSeen(a, index));
  }
  if (name === null || name === 'Namespace') return chosen.sort(down ? (a, b) => byName(b, a) : byName);
  const index = columns.findIndex((column) => column.name === name);
  const value = (row) => sortValue(row, columns[index], index);
  const sign = down ? -1 : 1;
  return chosen.sort((a, b) => sign * compare(value(a), value(b)) || byName(a, b));
}

const byName = (a, b) => compare(a.meta.namespace, b.meta.namespace) || compare(a.meta.name, b.meta.name);

/** When an event was last seen, in milliseconds: its cell says how long before the row came that was. */
function lastSeen({ cells, meta, at }, index) {
  const parsed = parseDuration(String(cells[index] ?? ''));
  return parsed ? at - parsed.seconds * 1000 : Date.parse(meta.creationTimestamp ?? 0);
}
