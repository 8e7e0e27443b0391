// A box to write YAML or JSON in, with line numbers, what the field under the cursor means, and what the server refuses
// shown at the line that says it.

import { fill, h } from './dom.js';
import { fieldHint } from './field-hint.js';
import { problem } from './parts.js';
import { markLines } from './yaml-lines.js';

/**
 * Builds an editor that starts with `text`. The buttons are `actions`, each { label, primary?, run(text) }: what `run`
 * gives is shown as a note, and what it throws is shown at its lines. Returns { element, note, focus }.
 */
export function editor({ text, label = 'YAML or JSON', actions }) {
  const area = h('textarea.editor', { 'aria-label': label, spellcheck: false, value: text, wrap: 'off',
    oninput: () => (show([]), number()), onscroll: () => follow(), onkeydown: indent });
  const numbers = h('pre.line-numbers', { 'aria-hidden': 'true' });
  const marks = h('div.line-marks');
  const hint = fieldHint(area);
  const note = h('div');

  const follow = () => {
    numbers.style.transform = `translateY(${-area.scrollTop}px)`;
    marks.style.transform = `translateY(${-area.scrollTop}px)`;
  };
  const number = () => {
    numbers.textContent = area.value.split('\n').map((_, index) => index + 1).join('\n');
  };
  const show = (lines) => fill(marks, lines.map(({ line, message }) => {
    const mark = h('p.line-mark', null, h('span', null, message));
    mark.style.setProperty('--line', line);
    return mark;
  }));
  const goTo = (line) => {
    const start = area.value.split('\n').slice(0, line).join('\n').length + (line ? 1 : 0);
    area.focus();
    area.setSelectionRange(start, start);
    area.scrollTop = Math.max(0, (line - 4) * lineHeight(area));
  };

  const attempt = (run) => async () => {
    show([]);
    fill(note);
    try {
      fill(note, await run(area.value));
    } catch (error) {
      const lines = markLines(area.value, error);
      show(lines);
      fill(note, problem(error));
      if (lines.length > 0) goTo(lines[0].line);
    }
  };

  const element = h('div.yaml-tab', null,
    h('div.toolbar', null, actions.map(({ label: words, primary, run }) =>
      h('button', { type: 'button', class: primary ? 'primary' : '', onclick: attempt(run) }, words)),
    h('span.note', null, label)),
    note, h('div.editor-frame', null, h('div.gutter', null, numbers), area, marks), hint);
  number();
  const focus = () => {
    area.focus();
    area.setSelectionRange(0, 0);
    area.scrollTop = 0;
  };
  return { element, note, focus };
}

const lineHeight = (area) => parseFloat(getComputedStyle(area).lineHeight);

/** A new line starts where the last one did. */
function indent(event) {
  if (event.key !== 'Enter' || event.isComposing) return;
  const { value, selectionStart } = event.target;
  const line = value.slice(value.lastIndexOf('\n', selectionStart - 1) + 1, selectionStart);
  const spaces = /^ */.exec(line)[0];
  if (!spaces) return;
  event.preventDefault();
  // The one way to write into a text box that can be undone.
  document.execCommand('insertText', false, `\n${spaces}`);
}

/** What the server says to something it would take. */
export const accepted = (words) => h('p.banner.good', { role: 'status' }, words);
