// All kinds of the API by group, and the kinds of one group version.

import { kinds } from '../discovery.js';
import { h } from '../dom.js';
import { meanings } from '../places.js';
import { link } from '../router.js';
import { idOf, place } from './explain-places.js';

const firstSentence = (text = '') => /^.*?[.:](?=\s|$)/s.exec(text)?.[0] ?? text;

/** Every group version with its kinds, the ones people meet first in front. */
export function groupsView(all) {
  const published = new Set(all.map(({ id }) => id));
  const groups = Map.groupBy(kinds.filter((kind) => published.has(idOf(kind))), idOf);
  return [
    h('header.page-head', null, h('h1', null, 'API'), h('span.count', null, `${kinds.length} kinds`),
      h('span.note', null, 'every field of every kind, as the server describes it')),
    [...groups].map(([id, members]) => h('section.group', { 'aria-label': members[0].group || 'core' },
      h('h2', null, link(place({ id }), `${members[0].group || 'core'}/${members[0].version}`)),
      h('ul.kind-grid', null, members.map((kind) => h('li', null, link(place({ id }, kind.kind), kind.kind),
        meanings[kind.resource] && h('p', null, meanings[kind.resource])))))),
  ];
}

export const kindsView = (schema, current) => [
  h('header.page-head', null, h('h1', null, current.name), h('span.count', null, schema.kinds.length)),
  h('ul.kind-grid', null, schema.kinds.map(({ name, schema: { description } }) =>
    h('li', null, link(place(current, name), name), h('p', null, firstSentence(description))))),
];
