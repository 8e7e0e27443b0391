// The keys of the dashboard, and the dialog that lists them.

import { h } from './dom.js';
import { openPalette } from './palette.js';

const keys = [
  ['Ctrl K', 'Go to any kind'],
  ['/', 'Filter the list'],
  ['↑ ↓', 'Move between rows'],
  ['← →', 'Move between tabs'],
  ['t', 'Switch between dark and light'],
  ['?', 'Show these keys'],
];

function showKeys() {
  const dialog = h('dialog', { 'aria-label': 'Keys', onclose: () => dialog.remove() },
    h('form', { onsubmit: (event) => (event.preventDefault(), dialog.close()) },
      h('h2', null, 'Keys'),
      h('dl.keys', null, keys.map(([key, what]) =>
        h('div', null, h('dt', null, h('kbd', null, key)), h('dd', null, what)))),
      h('div.dialog-buttons', null, h('button.primary', { type: 'submit' }, 'Close'))));
  document.body.append(dialog);
  dialog.showModal();
}

/** Handles a key press anywhere on the page; `main` holds the filter that "/" goes to. */
export function onKey(event, main) {
  if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    return openPalette();
  }
  const typing = event.target.closest?.('input, textarea, select, dialog');
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (event.key === '?') return showKeys();
  if (event.key === 't') return globalThis.swiftletTheme.toggle();
  const filter = event.key === '/' && main.querySelector('input[type=search]');
  if (filter) {
    event.preventDefault();
    filter.focus();
  }
  return undefined;
}
