// Fields of all kinds by words, found by the server.

import { get } from '../api.js';
import { h } from '../dom.js';
import { plural } from '../format.js';
import { empty, problem } from '../parts.js';
import { link } from '../router.js';
import { limits } from './explain-fields.js';
import { idOf, place } from './explain-places.js';

const limit = 60;

/** What is found, as a list; errors are shown in its place. */
export async function resultsView(text) {
  try {
    const { results, total } = await get('/swiftlet/v1/explain', { query: { search: text, limit } });
    if (results.length === 0) return empty(`No field says "${text}"`, 'Fewer words find more.');
    return [h('p.note', { role: 'status' }, plural(total, 'field'), total > results.length
      && `, of which these ${results.length} fit best`),
    h('ul.fields', { 'aria-label': 'Fields found' }, results.map(line))];
  } catch (error) {
    return problem(error);
  }
}

/** The page that shows a field: its own where it has fields, else that of what holds it. */
const pageOf = ({ path, hasFields, ...kind }) =>
  place({ id: idOf(kind) }, kind.kind, hasFields ? path : path.slice(0, -1));

const wordsOf = ({ kind, path }) => [kind, ...path].join('.');

function line(field) {
  const { type, required, documentation, also = [], group, version } = field;
  return h('li', null,
    h('div.field-head', null, link(pageOf(field), wordsOf(field)), h('code.type', null, type),
      required && h('span.required', null, 'required'),
      h('span.note', null, group ? `${group}/${version}` : version)),
    documentation && h('p', null, documentation),
    limits(field),
    also.length > 0 && h('p.also', null, 'Also in ', also.map((other, index) => [index > 0 && ', ',
      h('a', { href: pageOf({ ...other, hasFields: field.hasFields }), title: wordsOf(other) }, other.kind)])));
}
