// Ctrl+K: go to any kind, or to a namespace, by typing a few letters of it.

import { kinds, title } from './discovery.js';
import { fill, h } from './dom.js';
import { href, listHref } from './router.js';

const shown = 9;

function places() {
  return [
    { name: 'Overview', note: '', href: '#/' },
    ...kinds.filter(({ verbs }) => verbs.includes('list')).map((kind) => ({
      name: title(kind), note: kind.group || 'core', words: kind.shortNames.join(' '), href: listHref(kind),
    })),
    { name: 'All kinds', note: 'API', href: href(['kinds']) },
    { name: 'Explain', note: 'API', href: href(['explain']) },
  ];
}

/** Better matches have smaller ranks; no match has none. */
function rank({ name, note, words = '' }, text) {
  const lower = name.toLowerCase();
  if (words.split(' ').includes(text)) return 0;
  if (lower.startsWith(text)) return 1;
  if (lower.includes(text)) return 2;
  return note.includes(text) ? 3 : null;
}

export function openPalette() {
  if (document.querySelector('dialog[open]')) return;
  const all = places();
  let found = [];
  let at = 0;
  const results = h('ul', { role: 'listbox', id: 'palette-list', 'aria-label': 'Places' });
  const input = h('input', {
    type: 'text', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'palette-list', 'aria-label': 'Go to',
    placeholder: 'Go to a kind: deploy, svc, secrets…', autocomplete: 'off', spellcheck: false,
  });
  const dialog = h('dialog.palette', { 'aria-label': 'Go to', onclose: () => dialog.remove() }, input, results);

  const show = () => {
    const text = input.value.trim().toLowerCase();
    found = all.map((place) => [rank(place, text), place]).filter(([score]) => score !== null)
      .sort(([a], [b]) => (text ? a - b : 0)).slice(0, shown).map(([, place]) => place);
    at = Math.min(at, Math.max(0, found.length - 1));
    fill(results, found.map((place, index) =>
      h('li', { role: 'option', id: `place-${index}`, 'aria-selected': String(index === at),
        onclick: () => choose(place) },
        place.name, h('span.note', null, place.note))));
    input.setAttribute('aria-activedescendant', found.length ? `place-${at}` : '');
  };
  const choose = (place) => {
    dialog.close();
    location.hash = place.href;
  };
  input.addEventListener('input', () => {
    at = 0;
    show();
  });
  dialog.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) at = (at + step + found.length) % found.length;
    else if (event.key === 'Enter' && found[at]) return choose(found[at]);
    else return undefined;
    event.preventDefault();
    return show();
  });
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  show();
}
