// Lines of fields: name, type, what it means, what it must keep to, and the kinds it speaks of.

import { h, icon } from '../dom.js';
import { link } from '../router.js';
import { idOf, linkedKind, place } from './explain-places.js';

export const fieldList = (current, kind, path, fields) =>
  h('ul.fields', { 'aria-label': 'Fields' }, fields.map((field) => fieldLine(current, kind, path, field)));

function fieldLine(current, kind, path, { name, schema, type, required, deeper }) {
  const to = place(current, kind, [...path, name]);
  const linked = linkedKind(name, type);
  return h('li', null,
    h('div.field-head', null,
      deeper ? link(to, name, icon('right')) : h('span.field-name', null, name),
      h('code.type', null, type), required && h('span.required', null, 'required'),
      linked && linked.kind !== kind && h('span.linked', null, icon('right'),
        link(place({ id: idOf(linked) }, linked.kind), linked.kind))),
    schema.description && h('p', null, schema.description),
    limits(schema));
}

/** What a value must keep to, and what it is when nobody says. */
export function limits(schema) {
  const inner = schema.items ?? {};
  const values = schema.enum ?? inner.enum;
  const isPlain = schema.default !== undefined
    && (typeof schema.default !== 'object' || Object.keys(schema.default ?? {}).length > 0);
  const pairs = [
    ['default', isPlain && JSON.stringify(schema.default)],
    ['one of', values?.join(', ')],
    ['pattern', schema.pattern],
    ['from', schema.minimum], ['to', schema.maximum],
    ['at least', schema.minLength ?? schema.minItems], ['at most', schema.maxLength ?? schema.maxItems],
    ['format', schema.format],
    ['merged by', schema['x-kubernetes-list-map-keys']?.join(', ') ?? schema['x-kubernetes-patch-merge-key']],
  ].filter(([, value]) => value !== undefined && value !== null && value !== false);
  return pairs.length > 0 && h('ul.limits', null,
    pairs.map(([name, value]) => h('li', null, `${name} `, h('code', null, String(value)))));
}
