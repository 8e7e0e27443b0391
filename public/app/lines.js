// The lines of a table in the page: made once for each row, mended cell by cell, never made anew without need.

import { cellContent, cellText, rowKey, ticks } from './cells.js';
import { h } from './dom.js';
import { link, listHref } from './router.js';

const flashMilliseconds = 1600;

export class Lines {
  constructor(table) {
    this.table = table;
    this.lines = new Map();
  }

  clear() {
    this.lines.clear();
    this.table.body.replaceChildren();
  }

  /** Shows these rows and no others, after `above`; `first` is the place of the first one among all. */
  show(rows, first, above) {
    const keep = new Set(rows.map(rowKey));
    for (const [key, line] of this.lines) {
      if (keep.has(key)) continue;
      line.element.remove();
      this.lines.delete(key);
    }
    // Only lines out of place are moved, so that the one with the focus keeps it.
    const { body } = this.table;
    let place = above.isConnected ? above.nextSibling : body.firstChild;
    rows.forEach((row, index) => {
      const { element } = this.line(row);
      element.setAttribute('aria-rowindex', first + index + 2);
      if (element === place) place = place.nextSibling;
      else body.insertBefore(element, place);
    });
  }

  line(row) {
    const key = rowKey(row);
    let line = this.lines.get(key);
    if (line?.row === row) return line;
    const { kind, visible, showNamespace } = this.table;
    const cells = visible.map(({ column, index }) =>
      h('td', { class: column.type === 'integer' ? 'number' : '', data: { column: column.name } },
        cellContent(kind, row, column, index)));
    const { namespace } = row.meta;
    if (showNamespace) {
      cells.unshift(h('td.quiet-link', null, link(listHref(kind, { ns: namespace }), namespace ?? '')));
    }
    if (line) {
      // Cells that say the same stay, and with them the focus.
      cells.forEach((cell, index) => {
        const old = line.element.children[index];
        if (!old.isEqualNode(cell)) old.replaceWith(cell);
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

  /** Lets ages grow. */
  tick() {
    const { visible, showNamespace } = this.table;
    const offset = showNamespace ? 1 : 0;
    visible.forEach(({ column, index }, position) => {
      if (!ticks(column)) return;
      for (const { row, element } of this.lines.values()) {
        const cell = element.children[position + offset];
        const text = cellText(row, column, index);
        if (cell.textContent !== text) cell.textContent = text;
      }
    });
  }

  /** Up and down, or k and j, go to the same link of the next line. */
  moveFocus(event) {
    const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling',
      j: 'nextElementSibling', k: 'previousElementSibling' }[event.key];
    const here = event.target.closest('tr');
    const line = step && here?.[step];
    if (!line) return;
    event.preventDefault();
    const links = [...here.querySelectorAll('a')];
    line.querySelectorAll('a')[links.indexOf(event.target)]?.focus();
  }
}
