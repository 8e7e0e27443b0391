// A table whose columns and cells come from the server, kept in step with a watch, whatever the kind.

import { cellContent, cellText, rowKey, rowOf, ticks } from './cells.js';
import { fill, h, icon, throttle } from './dom.js';
import { chosenRows } from './order.js';
import { link, listHref } from './router.js';

const pageSize = 200;
const drawMilliseconds = 50;
const flashMilliseconds = 1600;

export class ResourceTable {
  /** `onCount(shown, all)` is called after each change; namespaces link to their own list when `allNamespaces`. */
  constructor(kind, { allNamespaces, wide, onCount }) {
    Object.assign(this, { kind, wide, onCount });
    this.showNamespace = kind.namespaced && allNamespaces;
    this.rows = new Map();
    this.lines = new Map();
    this.columns = [];
    this.filter = '';
    this.sort = { name: null, down: false };
    this.limit = pageSize;
    this.head = h('thead');
    this.body = h('tbody', { onkeydown: (event) => this.moveFocus(event) });
    this.more = h('button.more', { type: 'button', hidden: true, onclick: () => this.showMore() });
    this.element = h('div.table-frame.live-table', null, h('table', null, this.head, this.body), this.more);
    this.drawSoon = throttle(() => this.draw(), drawMilliseconds);
    this.timer = setInterval(() => this.tick(), 1000);
    this.watcher = new IntersectionObserver(([entry]) => entry.isIntersecting && this.showMore());
    this.watcher.observe(this.more);
  }

  stop() {
    clearInterval(this.timer);
    this.drawSoon.cancel();
    this.watcher.disconnect();
  }

  /** Takes a whole Table. Rows that were there before flash if they differ. */
  replace(table) {
    this.setColumns(table.columnDefinitions);
    const before = this.rows;
    this.rows = new Map();
    for (const raw of table.rows ?? []) {
      const row = rowOf(raw);
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
        if (type === 'DELETED') this.rows.delete(key);
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
    if (filter !== this.filter) this.limit = pageSize;
    const columnsChange = wide !== this.wide;
    Object.assign(this, { filter, wide });
    if (columnsChange) this.drawHead();
    this.draw();
  }

  drawHead() {
    this.lines.clear();
    this.body.replaceChildren();
    this.visible = this.columns.map((column, index) => ({ column, index }))
      .filter(({ column }) => this.wide || !column.priority);
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
    const rows = chosenRows(this);
    const shown = rows.slice(0, this.limit);
    const keep = new Set(shown.map(rowKey));
    for (const [key, line] of this.lines) {
      if (keep.has(key)) continue;
      line.element.remove();
      this.lines.delete(key);
    }
    // Only lines out of place are moved, so that the one with the focus keeps it.
    let place = this.body.firstChild;
    for (const row of shown) {
      const { element } = this.line(row);
      if (element === place) place = place.nextSibling;
      else this.body.insertBefore(element, place);
    }
    this.more.hidden = rows.length <= this.limit;
    this.more.textContent = `Show more of ${rows.length}`;
    this.onCount(rows.length, this.rows.size);
  }

  line(row) {
    const key = rowKey(row);
    let line = this.lines.get(key);
    if (line?.row === row) return line;
    const cells = this.visible.map(({ column, index }) =>
      h('td', { class: column.type === 'integer' ? 'number' : '', data: { column: column.name } },
        cellContent(this.kind, row, column, index)));
    const { namespace } = row.meta;
    if (this.showNamespace) {
      cells.unshift(h('td.quiet-link', null, link(listHref(this.kind, { ns: namespace }), namespace ?? '')));
    }
    if (line) {
      // Cells that say the same stay, and with them the focus.
      cells.forEach((cell, index) => {
        const old = line.element.children[index];
        if (old.textContent !== cell.textContent) old.replaceWith(cell);
      });
      line.row = row;
    } else {
      line = { row, element: h('tr', null, cells) };
      this.lines.set(key, line);
    }
    line.element.classList.toggle('leaving', Boolean(row.meta.deletionTimestamp));
    if (row.changed) this.flash(line.element);
    row.changed = false;
    return line;
  }

  flash(element) {
    element.classList.remove('flash');
    requestAnimationFrame(() => element.classList.add('flash'));
    setTimeout(() => element.classList.remove('flash'), flashMilliseconds);
  }

  showMore() {
    if (this.more.hidden) return;
    this.limit += pageSize;
    this.draw();
  }

  tick() {
    if (document.hidden) return;
    const offset = this.showNamespace ? 1 : 0;
    (this.visible ?? []).forEach(({ column, index }, position) => {
      if (!ticks(column)) return;
      for (const { row, element } of this.lines.values()) {
        const cell = element.children[position + offset];
        const text = cellText(row, column, index);
        if (cell.textContent !== text) cell.textContent = text;
      }
    });
  }

  moveFocus(event) {
    const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key];
    const line = step && event.target.closest('tr')?.[step];
    if (!line) return;
    event.preventDefault();
    const links = [...event.target.closest('tr').querySelectorAll('a')];
    line.querySelectorAll('a')[links.indexOf(event.target)]?.focus();
  }
}
