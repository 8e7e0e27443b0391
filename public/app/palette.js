// The search box: any object by its name, any kind by its name or short name, and the pages of the dashboard.

import { kinds, title } from './discovery.js';
import { fill, h } from './dom.js';
import { href, listHref, objectHref } from './router.js';
import { findObjects, loadObjects } from './search.js';

const mostPlaces = 5;
const mostObjects = 40;

function places() {
  return [
    { name: 'Overview', note: '', href: '#/' },
    ...kinds.filter(({ verbs }) => verbs.includes('list')).map((kind) => ({
      name: title(kind), note: kind.group || 'core', words: kind.shortNames.join(' '), href: listHref(kind),
    })),
    { name: 'Apply YAML', note: 'page', href: href(['apply']) },
    { name: 'All kinds', note: 'page', href: href(['kinds']) },
    { name: 'API', note: 'page', words: 'explain fields schema', href: href(['explain']) },
  ];
}

/** Better matches have smaller ranks; no match has none. */
function rank({ name, words = '' }, text) {
  const lower = name.toLowerCase();
  if (words.split(' ').includes(text)) return 0;
  if (lower.startsWith(text)) return 1;
  return lower.includes(text) ? 2 : null;
}

/** What matches, in groups: [heading, [{ name, note, href }]]. */
function search(all, text) {
  const found = all.map((place) => [rank(place, text), place]).filter(([score]) => score !== null)
    .sort(([a], [b]) => (text ? a - b : 0)).slice(0, text ? mostPlaces : mostPlaces * 2).map(([, place]) => place);
  const objects = findObjects(text, mostObjects).map(({ kind, namespace, name }) => ({
    name, note: `${kind.kind}${namespace ? ` in ${namespace}` : ''}`, href: objectHref(kind, namespace, name),
  }));
  return [['Kinds and pages', found], ['Objects', objects]].filter(([, members]) => members.length > 0);
}

export function openPalette() {
  if (document.querySelector('dialog[open]')) return;
  const all = places();
  const loading = new AbortController();
  let found = [];
  let at = 0;
  const results = h('div', { role: 'listbox', id: 'palette-list', 'aria-label': 'Found' });
  const note = h('p.note', { role: 'status' });
  const input = h('input', {
    type: 'text', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'palette-list',
    'aria-label': 'Search all objects and kinds', placeholder: 'Name of an object or a kind: web, deploy, pod shop…',
    autocomplete: 'off', spellcheck: false,
  });
  const close = () => {
    loading.abort();
    dialog.remove();
  };
  const dialog = h('dialog.palette', { 'aria-label': 'Search', onclose: close }, input, results, note);

  const show = () => {
    const text = input.value.trim().toLowerCase();
    const groups = search(all, text);
    found = groups.flatMap(([, members]) => members);
    at = Math.min(at, Math.max(0, found.length - 1));
    const option = (place) => {
      const index = found.indexOf(place);
      return h('div.option', { role: 'option', id: `place-${index}`, 'aria-selected': String(index === at),
        onclick: () => choose(place) }, h('span', null, place.name), h('span.note', null, place.note));
    };
    fill(results, groups.map(([heading, members]) =>
      h('div', { role: 'group', 'aria-label': heading }, h('h3', null, heading), members.map(option))));
    note.textContent = text && found.length === 0 ? 'Nothing has that name.' : '';
    input.setAttribute('aria-activedescendant', found.length ? `place-${at}` : '');
    document.getElementById(`place-${at}`)?.scrollIntoView({ block: 'nearest' });
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
  loadObjects(() => dialog.open && show(), loading.signal);
}
