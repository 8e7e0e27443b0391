// The API, field by field, as the server itself describes it: `kubectl explain` to walk through.

import { debounce, fill, h, icon } from '../dom.js';
import { command, empty } from '../parts.js';
import { findKind, groupVersion } from '../discovery.js';
import { href, link, listHref } from '../router.js';
import { groupVersions, loadDocument, parseId } from './explain-data.js';

export async function open(route) {
  const [, id, ...path] = route.path;
  const all = await groupVersions();
  const parsed = id ? parseId(id) : { gv: all.find(({ id: name }) => name === 'core.v1')?.id ?? all[0]?.id };
  const current = all.find(({ id: name }) => name === parsed?.gv);
  if (!current) throw new Error(`The server publishes no schema for "${id ?? 'any group'}".`);
  const schema = await loadDocument(current);
  const view = h('div');
  const show = () =>
    fill(view, parsed.kind ? kindView(schema, current, parsed.kind, path) : kindsView(schema, current));
  const element = h('div.page', null,
    crumbs(current, parsed.kind, path),
    toolbar(all, current, schema, view, show), view);
  show();
  const last = path.at(-1) ?? parsed.kind ?? current.name;
  return { title: `${last} · Explain`, element };
}

const place = (current, kind, path = []) => href(['explain', kind ? `${current.id}.${kind}` : current.id, ...path]);

function crumbs(current, kind, path) {
  const steps = [['Explain', href(['explain'])], [current.name, place(current)]];
  if (kind) steps.push([kind, place(current, kind)]);
  path.forEach((name, index) => steps.push([name, place(current, kind, path.slice(0, index + 1))]));
  return h('nav.crumbs', { 'aria-label': 'Breadcrumb' }, steps.map(([name, to], index) =>
    [index > 0 && icon('right'),
      index === steps.length - 1 ? h('span', { 'aria-current': 'page' }, name) : link(to, name)]));
}

function toolbar(all, current, schema, view, show) {
  const picker = h('select', { 'aria-label': 'Group and version',
    onchange: () => (location.hash = href(['explain', picker.value])) },
    all.map(({ id, name }) => h('option', { value: id }, name)));
  picker.value = current.id;
  const search = debounce((text) => (text ? fill(view, resultsView(schema, current, text)) : show()), 120);
  return h('div.toolbar', { role: 'search' }, picker, h('input', {
    type: 'search', placeholder: `Search the fields of ${current.name}  /`, 'aria-label': 'Search fields',
    spellcheck: false,
    oninput: (event) => search(event.target.value.trim()),
  }));
}

function kindsView(schema, current) {
  return [
    h('header.page-head', null, h('h1', null, current.name), h('span.count', null, schema.kinds.length)),
    h('ul.kind-grid', null, schema.kinds.map(({ name, schema: { description } }) =>
      h('li', null, link(place(current, name), name), h('p', null, firstSentence(description))))),
  ];
}

const firstSentence = (text = '') => /^.*?[.:](?=\s|$)/s.exec(text)?.[0] ?? text;

function kindView(schema, current, kindName, path) {
  const here = schema.at(kindName, path);
  if (!here) {
    const name = [kindName, ...path].join('.');
    return empty(`${name} is not in the schema`, 'It may belong to another version.', 'kubectl api-resources');
  }
  const fields = schema.fields(here);
  const kind = findKind(groupVersion(current), kindName);
  return [
    h('header.page-head', null,
      h('h1', null, path.at(-1) ?? kindName),
      h('code.type', null, path.length ? schema.typeOf(here) : current.name),
      h('span.spring'), kind?.verbs.includes('list') && path.length === 0 && link(listHref(kind), 'See them')),
    here.description && h('p.lead', null, here.description),
    command(`kubectl explain ${[kind?.singular ?? kindName.toLowerCase(), ...path].join('.')}`),
    limits(here),
    fields.length > 0
      ? h('ul.fields', { 'aria-label': 'Fields' }, fields.map((field) => fieldLine(current, kindName, path, field)))
      : h('p.calm', null, 'It has no fields of its own.'),
  ];
}

function fieldLine(current, kind, path, { name, schema, type, required, deeper }) {
  const to = place(current, kind, [...path, name]);
  return h('li', null,
    h('div.field-head', null,
      deeper ? link(to, name, icon('right')) : h('span.field-name', null, name),
      h('code.type', null, type), required && h('span.required', null, 'required')),
    schema.description && h('p', null, schema.description),
    limits(schema));
}

/** What a value must keep to, and what it is when nobody says. */
function limits(schema) {
  const inner = schema.items ?? {};
  const values = schema.enum ?? inner.enum;
  const isPlain = schema.default !== undefined
    && (typeof schema.default !== 'object' || Object.keys(schema.default ?? {}).length > 0);
  const pairs = [
    ['default', isPlain && JSON.stringify(schema.default)],
    ['one of', values?.map((value) => JSON.stringify(value)).join(', ')],
    ['pattern', schema.pattern],
    ['from', schema.minimum], ['to', schema.maximum],
    ['at least', schema.minLength ?? schema.minItems], ['at most', schema.maxLength ?? schema.maxItems],
    ['merged by', schema['x-kubernetes-list-map-keys']?.join(', ') ?? schema['x-kubernetes-patch-merge-key']],
  ].filter(([, value]) => value !== undefined && value !== null && value !== false);
  return pairs.length > 0 && h('ul.limits', null,
    pairs.map(([name, value]) => h('li', null, `${name} `, h('code', null, String(value)))));
}

function resultsView(schema, current, text) {
  const found = schema.search(text);
  if (found.length === 0) {
    return empty(`No field of ${current.name} says "${text}"`, 'Another group may have it: choose one on the left.');
  }
  return h('ul.fields', { 'aria-label': 'Fields found' }, found.map(({ kind, path, field }) =>
    h('li', null,
      h('div.field-head', null,
        link(place(current, kind, field.deeper ? path : path.slice(0, -1)), `${kind}.${path.join('.')}`),
        h('code.type', null, field.type), field.required && h('span.required', null, 'required')),
      field.schema.description && h('p', null, firstSentence(field.schema.description)))));
}
