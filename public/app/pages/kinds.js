// Every kind the server has, found by discovery.

import { discover, groupVersion, kinds, title } from '../discovery.js';
import { fill, h } from '../dom.js';
import { empty } from '../parts.js';
import { href, link, listHref } from '../router.js';
import { buildNav } from '../nav.js';

const usual = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

export async function open() {
  await discover();
  buildNav();
  const body = h('tbody');
  const place = h('div.table-frame', null, h('table', null,
    h('thead', null, h('tr', null, ['Kind', 'Group and version', 'Short', 'Scope', 'Verbs', 'Explain'].map((name) =>
      h('th', { scope: 'col' }, name)))), body));
  const note = h('div');
  const count = h('span.count');
  const show = (text) => {
    const words = text.toLowerCase();
    const found = kinds.filter((kind) => `${kind.kind} ${kind.resource} ${kind.group} ${kind.shortNames.join(' ')}`
      .toLowerCase().includes(words));
    fill(body, found.map(line));
    count.textContent = String(found.length);
    fill(note, found.length === 0 && empty('No kind has that name', 'A custom kind comes with its definition.',
      'kubectl get customresourcedefinitions'));
  };
  const filter = h('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter kinds', spellcheck: false,
    oninput: (event) => show(event.target.value) });
  show('');
  const element = h('div.page', null,
    h('header.page-head', null, h('h1', null, 'All kinds'), count),
    h('div.toolbar', { role: 'search' }, filter), place, note);
  return { title: 'All kinds', element };
}

function line(kind) {
  const name = kind.verbs.includes('list') ? link(listHref(kind), title(kind)) : title(kind);
  return h('tr', null,
    h('td', null, name),
    h('td', null, h('code', null, groupVersion(kind))),
    h('td', null, kind.shortNames.join(', ')),
    h('td', null, kind.namespaced ? 'Namespace' : 'Cluster'),
    h('td.verbs', null, usual.every((verb) => kind.verbs.includes(verb)) ? 'all' : kind.verbs.join(' ')),
    h('td', null, link(href(['explain', `${kind.group || 'core'}.${kind.version}.${kind.kind}`]), 'Fields')));
}
