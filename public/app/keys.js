// The keys of the dashboard, and the dialog that lists them.

import { h } from './dom.js';
import { openPalette } from './palette.js';
import { href } from './router.js';

const keys = [
  ['/', 'Search all objects and kinds'],
  ['f', 'Filter what the page shows'],
  ['↑ ↓', 'Move between rows, as j and k do'],
  ['← →', 'Move between tabs'],
  ['o', 'Overview'],
  ['p', 'Pods'],
  ['d', 'Deployments'],
  ['e', 'Events'],
  ['a', 'Apply YAML'],
  ['x', 'Explain the API'],
  ['t', 'Switch between dark and light'],
  ['?', 'Show these keys'],
];

const places = {
  o: '#/',
  p: href(['list', 'core', 'pods']),
  d: href(['list', 'apps', 'deployments']),
  e: href(['list', 'core', 'events']),
  a: href(['apply']),
  x: href(['explain']),
};

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

/** Handles a key press anywhere on the page; `main` holds the filter that "f" goes to and the rows that "j" enters. */
export function onKey(event, main) {
  if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    return openPalette();
  }
  const typing = event.target.closest?.('input, textarea, select, dialog');
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const act = actions[event.key];
  if (act) {
    event.preventDefault();
    return act(main);
  }
  if (places[event.key]) location.hash = places[event.key];
  return undefined;
}

const firstRow = (main) => {
  if (!document.activeElement?.closest('tr')) main.querySelector('tbody a')?.focus();
};

const actions = {
  '/': openPalette,
  '?': showKeys,
  t: () => globalThis.swiftletTheme.toggle(),
  f: (main) => main.querySelector('input[type=search]')?.focus(),
  j: firstRow,
  k: firstRow,
};
