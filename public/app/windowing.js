// Which lines of a long table stand in the page: those in view and a few around them. Two spacers are the rest.

import { h } from './dom.js';

/** Shorter tables stand in the page whole. */
const whole = 120;
const around = 15;
const usualHeight = 33;

export class Window {
  /** `paint()` is called when scrolling brings other lines into view. */
  constructor(body, paint) {
    this.body = body;
    this.height = 0;
    this.above = spacer();
    this.below = spacer();
    let waiting = false;
    this.onScroll = () => {
      if (waiting || this.count <= whole) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        const { first, last } = this.range(this.count);
        if (first !== this.first || last !== this.last) paint();
      });
    };
    addEventListener('scroll', this.onScroll, { passive: true });
    addEventListener('resize', this.onScroll);
  }

  /** The lines to show of `count`: from `first` up to, not including, `last`. */
  range(count) {
    this.count = count;
    if (count <= whole) return { first: 0, last: count };
    const height = this.height || usualHeight;
    const hidden = Math.max(0, -this.body.getBoundingClientRect().top);
    // Steps of a few lines, so that not every pixel of scrolling paints.
    const top = Math.floor(hidden / height / around) * around;
    const first = Math.max(0, Math.min(top - around, count - whole));
    return { first, last: Math.min(count, top + Math.ceil(innerHeight / height) + 2 * around) };
  }

  /** Sets the spacers for what is shown, and learns how high a line is. */
  place(count, { first, last }) {
    Object.assign(this, { first, last });
    if (!this.height && last > first) this.measure();
    const height = this.height || usualHeight;
    this.above.firstChild.style.height = `${first * height}px`;
    this.below.firstChild.style.height = `${(count - last) * height}px`;
    this.above.hidden = first === 0;
    this.below.hidden = last === count;
    if (this.body.firstChild !== this.above) this.body.prepend(this.above);
    if (this.body.lastChild !== this.below) this.body.append(this.below);
  }

  measure() {
    const lines = [...this.body.children].filter((line) => !line.classList.contains('spacer'));
    const total = lines.reduce((sum, line) => sum + line.offsetHeight, 0);
    if (total > 0) this.height = total / lines.length;
  }

  get isLong() {
    return this.count > whole;
  }

  stop() {
    removeEventListener('scroll', this.onScroll);
    removeEventListener('resize', this.onScroll);
  }
}

const spacer = () => h('tr.spacer', { 'aria-hidden': 'true', hidden: true }, h('td', { colspan: 99 }));
