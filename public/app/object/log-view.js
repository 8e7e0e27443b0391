// The box that shows log lines: it filters, wraps, holds still while somebody reads back, and saves.

import { h } from '../dom.js';
import { toggle } from '../parts.js';

const mostLines = 5000;

export class LogView {
  /** `name` is what a saved file is called. */
  constructor(name) {
    this.output = h('pre.log', { tabindex: '0', role: 'log', 'aria-label': 'Log', 'aria-live': 'off',
      onscroll: () => this.noteScroll() });
    this.note = h('div');
    this.atEnd = true;
    this.filter = '';
    this.partial = '';
    this.search = h('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter lines',
      'aria-keyshortcuts': 'f', oninput: (event) => this.setFilter(event.target.value) });
    this.tools = [
      toggle('Wrap', true, (on) => this.output.classList.toggle('wide', !on)),
      h('a.button', { href: '#', download: `${name}.log`,
        onclick: (event) => this.download(event.currentTarget) }, 'Save'),
    ];
  }

  clear() {
    this.partial = '';
    this.output.replaceChildren();
  }

  get isEmpty() {
    return this.output.childElementCount === 0;
  }

  /** Takes text as it streams in; a line is shown when it has ended. */
  add(text) {
    const lines = (this.partial + text).split('\n');
    this.partial = lines.pop();
    this.addLines(lines.map((line) => [line]));
  }

  /** Each line is the parts it is made of, text or elements. */
  addLines(lines) {
    this.output.append(...lines.map((parts) => {
      const line = h('span', null, ...parts, '\n');
      line.hidden = !this.matches(line);
      return line;
    }));
    while (this.output.childElementCount > mostLines) this.output.firstChild.remove();
    if (this.atEnd) this.output.scrollTop = this.output.scrollHeight;
  }

  matches(line) {
    return line.textContent.toLowerCase().includes(this.filter);
  }

  setFilter(text) {
    this.filter = text.toLowerCase();
    for (const line of this.output.children) line.hidden = !this.matches(line);
  }

  /** Reading back holds the view still; returning to the end follows again. */
  noteScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.output;
    this.atEnd = scrollHeight - scrollTop - clientHeight < 24;
  }

  download(anchor) {
    const blob = new Blob([this.output.textContent], { type: 'text/plain' });
    anchor.href = URL.createObjectURL(blob);
    setTimeout(() => URL.revokeObjectURL(anchor.href), 1000);
  }
}
