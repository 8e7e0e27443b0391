// Chips above a list that narrow it to some values of a column: pods by status, events by type, object and reason.

import { fill, h, redraw } from './dom.js';
import { tone } from './format.js';
import { badge } from './parts.js';

const stateColumns = ['Status', 'Phase', 'State', 'Condition', 'Signal'];
const mostValues = 8;

/** The columns worth choosing by, each with what it makes of a cell. */
function facetColumns(kind, columns) {
  const plain = (cell) => String(cell ?? '');
  if (kind.resource === 'events') {
    const firstPart = (cell) => plain(cell).split('/')[0];
    return [['Type', plain], ['Object', firstPart], ['Reason', plain]];
  }
  if (kind.resource === 'services') return [['Type', plain]];
  return stateColumns.filter((name) => columns.some((column) => column.name === name)).map((name) => [name, plain]);
}

export class Facets {
  /** `onChange()` is called when another choice is made. */
  constructor(kind, onChange) {
    Object.assign(this, { kind, onChange });
    this.chosen = new Map();
    this.element = h('div.facets');
  }

  /** Whether a row is among what is chosen. */
  admits(row, columns) {
    for (const [name, value] of this.chosen) {
      const found = facetColumns(this.kind, columns).find(([facet]) => facet === name);
      const index = columns.findIndex((column) => column.name === name);
      if (found && index >= 0 && found[1](row.cells[index]) !== value) return false;
    }
    return true;
  }

  draw(rows, columns) {
    const groups = facetColumns(this.kind, columns).map(([name, read]) => {
      const index = columns.findIndex((column) => column.name === name);
      const counts = new Map();
      for (const { cells } of index >= 0 ? rows : []) {
        const value = read(cells[index]);
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      const chosen = this.chosen.get(name);
      if (chosen !== undefined && !counts.has(chosen)) counts.set(chosen, 0);
      return [name, [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))];
    }).filter(([, values]) => values.length > 1 || this.chosen.size > 0);
    const state = JSON.stringify([groups, [...this.chosen]]);
    if (state === this.state) return;
    this.state = state;
    redraw(this.element, () => fill(this.element, groups.map(([name, values]) =>
      h('div.facet', { role: 'group', 'aria-label': name }, values.slice(0, mostValues).map(([value, count]) =>
        this.chip(name, value, count))))));
  }

  chip(name, value, count) {
    const pressed = this.chosen.get(name) === value;
    const isState = stateColumns.includes(name) || value === 'Warning';
    return h('button.chip', { type: 'button', 'aria-pressed': String(pressed), 'aria-label': `${value}: ${count}`,
      onclick: () => {
        if (pressed) this.chosen.delete(name);
        else this.chosen.set(name, value);
        this.onChange();
      } },
    isState ? badge(value || 'none', tone(value)) : value || 'none', h('span.count', null, count));
  }
}
