// A table whose columns and cells come from the server, kept in step with a watch, whatever the kind.

import { cellText, rowKey, rowOf, ticks } from './cells.js';
import { columnGroup } from './columns.js';
import { fill, h, icon, throttle } from './dom.js';
import { Lines } from './lines.js';
import { chosenRows } from './order.js';
import { Window } from './windowing.js';

const drawMilliseconds = 50;

export class ResourceTable {
  /**
   * `onCount(shown, all)` is called after each change; namespaces link to their own list when `allNamespaces`;
   * `facets` narrow the rows, and `keep(row)` says which belong here at all.
   */
  constructor(kind, { allNamespaces, wide, facets, keep, onCount }) {
    Object.assign(this, { kind, wide, facets, keep, onCount });
    this.showNamespace = kind.namespaced && allNamespaces;
    this.rows = new Map();
    this.columns = [];
    this.visible = [];
    this.chosen = [];
    this.filter = '';
    this.sort = { name: null, down: false };
    this.head = h('thead');
    this.body = h('tbody', { onkeydown: (event) => this.lines.moveFocus(event) });
    this.frame = h('table', null, this.head, this.body);
    this.element = h('div.table-frame.live-table', null, this.frame);
    this.lines = new Lines(this);
    this.window = new Window(this.body, () => this.paint());
    this.drawSoon = throttle(() => this.draw(), drawMilliseconds);
    this.timer = setInterval(() => !document.hidden && this.lines.tick(), 1000);
  }

  stop() {
    clearInterval(this.timer);
    this.drawSoon.cancel();
    this.window.stop();
  }

  /** Takes a whole Table. Rows that were there before flash if they differ. */
  replace(table) {
    this.setColumns(table.columnDefinitions);
    const before = this.rows;
    this.rows = new Map();
    for (const raw of table.rows ?? []) {
      const row = rowOf(raw);
      if (this.keep && !this.keep(row)) continue;
      const old = before.get(rowKey(row));
      row.changed = Boolean(old) && !this.same(old, row);
      this.rows.set(rowKey(row), row);
    }
    this.draw();
  }

  /** Takes watch events whose objects are Tables of one row. Returns false when they are something else. */
  apply(events) {
    for (const { type, object } of events) {
      if (object.kind !== 'Table') return false;
      if (object.columnDefinitions?.length && !this.columns.length) this.setColumns(object.columnDefinitions);
      for (const raw of object.rows ?? []) {
        const row = rowOf(raw);
        const key = rowKey(row);
        const old = this.rows.get(key);
        if (type === 'DELETED' || (this.keep && !this.keep(row))) this.rows.delete(key);
        else {
          row.changed = !old || !this.same(old, row);
          this.rows.set(key, row);
        }
      }
    }
    this.drawSoon();
    return true;
  }

  /** Whether two states of a row say the same; growing older is no change. */
  same(a, b) {
    return this.columns.every((column, index) => ticks(column) || a.cells[index] === b.cells[index]);
  }

  setColumns(columns = []) {
    if (JSON.stringify(columns) === JSON.stringify(this.columns)) return;
    this.columns = columns;
    this.drawHead();
  }

  set({ filter = this.filter, wide = this.wide }) {
    const columnsChange = wide !== this.wide;
    Object.assign(this, { filter, wide });
    if (columnsChange) this.drawHead();
    this.draw();
  }

  drawHead() {
    this.lines.clear();
    this.widths = null;
    this.visible = this.columns.map((column, index) => ({ column, index }))
      .filter(({ column }) => this.wide || !column.priority);
    this.element.classList.toggle('all-columns', Boolean(this.wide));
    const header = (name, description) => {
      const active = this.sort.name === name;
      return h('th', { scope: 'col', 'aria-sort': active ? (this.sort.down ? 'descending' : 'ascending') : null },
        h('button', { type: 'button', title: description || null, onclick: () => this.sortBy(name) },
          name, active && icon(this.sort.down ? 'down' : 'up')));
    };
    const names = this.visible.map(({ column }) => header(column.name, column.description));
    fill(this.head, h('tr', null, this.showNamespace && header('Namespace'), names));
  }

  sortBy(name) {
    const { down } = this.sort;
    if (this.sort.name !== name) this.sort = { name, down: false };
    else this.sort = down ? { name: null, down: false } : { name, down: true };
    this.drawHead();
    this.draw();
    for (const button of this.head.querySelectorAll('button')) if (button.textContent === name) button.focus();
  }

  draw() {
    this.chosen = chosenRows(this);
    this.facets?.draw([...this.rows.values()], this.columns);
    this.paint();
    this.onCount?.(this.chosen.length, this.rows.size);
  }

  /** Brings the lines in view into the page. */
  paint() {
    const count = this.chosen.length;
    const range = this.window.range(count);
    this.fixWidths();
    this.frame.setAttribute('aria-rowcount', count + 1);
    this.lines.show(this.chosen.slice(range.first, range.last), range.first, this.window.above);
    this.window.place(count, range);
  }

  /** A long table keeps the width of its columns while it scrolls. */
  fixWidths() {
    const { isLong } = this.window;
    this.frame.classList.toggle('windowed', isLong);
    if (!isLong) {
      this.widths?.remove();
      this.widths = null;
      return;
    }
    if (this.widths) return;
    const heads = [...(this.showNamespace ? ['Namespace'] : []), ...this.visible.map(({ column }) => column.name)];
    this.frame.querySelector('colgroup')?.remove();
    this.widths = columnGroup(this.chosen, heads, (row) => [
      ...(this.showNamespace ? [row.meta.namespace] : []),
      ...this.visible.map(({ column, index }) => cellText(row, column, index)),
    ]);
    this.frame.prepend(this.widths);
  }
}
