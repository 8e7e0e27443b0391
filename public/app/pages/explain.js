// The API, field by field, as the server itself describes it: `kubectl explain` to walk through and to search.

import { findKind, groupVersion } from '../discovery.js';
import { debounce, fill, h, icon } from '../dom.js';
import { word } from '../kubectl.js';
import { command, empty } from '../parts.js';
import { currentRoute, href, link, listHref, rememberQuery } from '../router.js';
import { groupVersions, loadDocument, parseId } from './explain-data.js';
import { fieldList, limits } from './explain-fields.js';
import { groupsView, kindsView } from './explain-kinds.js';
import { place } from './explain-places.js';
import { resultsView } from './explain-search.js';

const quietMilliseconds = 120;

export async function open(route) {
  const [, id, ...path] = route.path;
  const all = await groupVersions();
  const parsed = id ? parseId(id) : {};
  const current = all.find(({ id: name }) => name === parsed?.gv);
  if (id && !current) throw new Error(`The server publishes no schema for "${id}".`);
  const here = current ? await documentView(current, parsed.kind, path) : groupsView(all);
  const view = h('div.explain');
  const show = async (text) => {
    rememberQuery({ q: text });
    if (!text) return fill(view, here);
    const found = await resultsView(text);
    // Slow answers must not replace later ones.
    return currentRoute().query.get('q') === text && fill(view, found);
  };
  const text = route.query.get('q') ?? '';
  const element = h('div.page', null, current && crumbs(current, parsed.kind, path), searchBox(text, show), view);
  await show(text);
  return { title: `${path.at(-1) ?? parsed.kind ?? current?.name ?? 'API'} · API`, element };
}

function crumbs(current, kind, path) {
  const steps = [['API', href(['explain'])], [current.name, place(current)]];
  if (kind) steps.push([kind, place(current, kind)]);
  path.forEach((name, index) => steps.push([name, place(current, kind, path.slice(0, index + 1))]));
  return h('nav.crumbs', { 'aria-label': 'Breadcrumb' }, steps.map(([name, to], index) =>
    [index > 0 && icon('right'),
      index === steps.length - 1 ? h('span', { 'aria-current': 'page' }, name) : link(to, name)]));
}

function searchBox(text, show) {
  const search = debounce((value) => show(value), quietMilliseconds);
  return h('div.toolbar', { role: 'search' }, h('input.broad', {
    type: 'search', placeholder: 'Search every field of every kind: restartPolicy, deployment replicas…',
    'aria-label': 'Search fields', 'aria-keyshortcuts': 'f', spellcheck: false, value: text,
    oninput: (event) => search(event.target.value.trim()),
  }));
}

async function documentView(current, kind, path) {
  const schema = await loadDocument(current);
  return kind ? kindView(schema, current, kind, path) : kindsView(schema, current);
}

function kindView(schema, current, kindName, path) {
  const here = schema.at(kindName, path);
  if (!here) {
    const name = [kindName, ...path].join('.');
    return empty(`${name} is not in the schema`, 'It may belong to another version.', 'kubectl api-resources');
  }
  const kind = findKind(groupVersion(current), kindName);
  const name = kind ? word(kind, kind.singular) : kindName.toLowerCase();
  const fields = schema.fields(here);
  return [
    h('header.page-head', null,
      h('h1', null, path.at(-1) ?? kindName),
      h('code.type', null, path.length ? schema.typeOf(here) : current.name),
      h('span.count', null, fields.length ? `${fields.length} fields` : ''),
      h('span.spring'), kind?.verbs.includes('list') && path.length === 0 && link(listHref(kind), 'See them')),
    here.description && h('p.lead', null, here.description),
    here.typeDescription && h('p.lead.note', null, here.typeDescription),
    command(`kubectl explain ${[name, ...path].join('.')}`),
    limits(here),
    fields.length > 0 ? fieldList(current, kindName, path, fields) : h('p.calm', null, 'It has no fields of its own.'),
  ];
}
