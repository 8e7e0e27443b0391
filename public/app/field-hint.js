// What the field under the cursor means, as the server's schema says it: explain while writing.

import { debounce, fill, h } from './dom.js';
import { groupVersions, loadDocument } from './pages/explain-data.js';
import { limits } from './pages/explain-fields.js';
import { place } from './pages/explain-places.js';
import { link } from './router.js';
import { fieldAt } from './yaml-lines.js';

const quietMilliseconds = 150;

/** A strip below a text box that follows its cursor. */
export function fieldHint(area) {
  const strip = h('div.field-hint', { role: 'status' });
  let turn = 0;
  let shown = '';
  const look = debounce(async () => {
    const line = area.value.slice(0, area.selectionStart).split('\n').length - 1;
    const field = fieldAt(area.value, line);
    const key = JSON.stringify(field);
    if (key === shown) return;
    shown = key;
    const mine = (turn += 1);
    // Without a schema, or without permission to read it, there is nothing to tell.
    const found = field && await describe(field).catch(() => null);
    if (mine === turn) fill(strip, found);
  }, quietMilliseconds);
  for (const event of ['input', 'click', 'keyup', 'focus']) area.addEventListener(event, look);
  return strip;
}

async function describe({ apiVersion, kind, path }) {
  const current = (await groupVersions()).find(({ name }) => name === apiVersion);
  const schema = current && await loadDocument(current);
  if (!schema?.kind(kind)) {
    return kind && apiVersion && h('p.note', null, `The server publishes no ${apiVersion} ${kind}.`);
  }
  const { steps, found, missing } = walk(schema, kind, path);
  const to = link(place(current, kind, steps), [kind, ...steps].join('.'));
  if (missing) return h('p', null, h('strong.wrong', null, `There is no field ${missing} in `), to);
  return [h('p.field-head', null, to, h('code.type', null, steps.length > 0 ? schema.typeOf(found) : apiVersion)),
    found.description && h('p', null, found.description), steps.length > 0 && limits(found)];
}

/** Goes as far as the schema has fields: below that stand names that people choose, as in labels. */
function walk(schema, kind, path) {
  let found = schema.kind(kind);
  const steps = [];
  for (const name of path) {
    const { properties } = schema.inside(found);
    if (!properties) break;
    if (!properties[name]) {
      // The keys of a map lead to what its values hold.
      if (schema.resolve(found).additionalProperties) continue;
      return { steps, missing: name };
    }
    found = schema.resolve(properties[name]);
    steps.push(name);
  }
  return { steps, found };
}
