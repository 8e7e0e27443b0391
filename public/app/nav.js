// The side bar: every kind the server serves, in sections that fold.

import { kinds, title } from './discovery.js';
import { fill, h, icon } from './dom.js';
import { sections } from './places.js';
import { currentRoute, href, listHref } from './router.js';

const foldedKey = 'swiftlet.folded';
const foldedAtFirst = ['More'];
const rare = 'More';

/** Builds the side bar from what the server really serves. */
export function buildNav() {
  const folded = new Set(JSON.parse(localStorage.getItem(foldedKey)) ?? foldedAtFirst);
  const section = ([name, members]) => h('details.nav-section', {
    open: !folded.has(name),
    ontoggle: (event) => {
      if (event.target.open) folded.delete(name);
      else folded.add(name);
      localStorage.setItem(foldedKey, JSON.stringify([...folded]));
    },
  }, h('summary', null, h('h2', null, name), icon('right')),
  h('ul', { 'aria-label': name }, members.map((kind) => h('li', null, h('a', { href: listHref(kind) }, title(kind))))));
  fill(document.getElementById('nav'),
    h('ul', null,
      h('li', null, h('a', { href: '#/' }, icon('home'), 'Overview')),
      h('li', null, h('a', { href: href(['apply']) }, icon('plus'), 'Apply YAML')),
      h('li', null, h('a', { href: href(['explain']) }, icon('book'), 'API')),
      h('li', null, h('a', { href: href(['kinds']) }, icon('list'), 'All kinds'))),
    sorted().map(section));
  markCurrent();
}

const isCustom = ({ group }) => group.includes('.') && !group.endsWith('.k8s.io');

/** Every kind that can be listed, as [section, kinds]; empty sections are left out. */
function sorted() {
  const rest = new Set(kinds.filter(({ verbs }) => verbs.includes('list')));
  const take = (wanted, most = Infinity) => {
    const found = [...rest].filter(wanted).slice(0, most);
    for (const kind of found) rest.delete(kind);
    return found;
  };
  const custom = take(isCustom);
  const known = sections.map(([name, resources]) => {
    // Events are served by two groups; the older one, which everybody writes to, comes first.
    const found = resources.flatMap((resource) => take((kind) => kind.resource === resource, 1));
    return [name, found];
  });
  const more = [...rest].sort((a, b) => (title(a) < title(b) ? -1 : 1));
  return [...known, ['Custom', custom], [rare, more]].filter(([, found]) => found.length > 0);
}

export function markCurrent() {
  const { path } = currentRoute();
  const within = { show: ['list', path[1], path[2]], new: ['list', path[1], path[2]], explain: ['explain'] };
  const here = href(within[path[0]] ?? path);
  for (const anchor of document.querySelectorAll('#nav a')) {
    const isCurrent = anchor.getAttribute('href') === here;
    if (isCurrent) anchor.setAttribute('aria-current', 'page');
    else anchor.removeAttribute('aria-current');
    if (isCurrent && anchor.closest('details')) anchor.closest('details').open = true;
  }
}
