// The choice of the namespace that all lists look at.

import { list } from './api.js';
import { fill, h } from './dom.js';
import { ask } from './parts.js';
import { scope } from './scope.js';

/** What no namespace is called. */
const other = '/other';

export function namespacePicker() {
  let mayList = true;
  const select = h('select', { id: 'namespace', 'aria-label': 'Namespace', onchange: () => choose(select.value) });
  const choose = (name) => {
    if (name !== other) {
      scope.namespace = name;
      return;
    }
    select.value = scope.namespace;
    askForName();
  };
  const show = (names) => {
    const all = [...new Set([...names, scope.namespace].filter(Boolean))].sort();
    fill(select, h('option', { value: '' }, 'All namespaces'), all.map((name) => h('option', { value: name }, name)),
      !mayList && h('option', { value: other }, 'Another…'));
    select.value = scope.namespace;
  };
  const reload = async () => {
    const found = await list('/api/v1/namespaces').catch((error) => ({ items: [], denied: error.denied }));
    mayList = !found.denied;
    show(found.items.map(({ metadata }) => metadata.name));
  };
  scope.onChange((name) => {
    const names = [...select.options].map(({ value }) => value).filter((value) => value !== other);
    if (!names.includes(name)) show(names);
    select.value = name;
  });
  // Namespaces come and go; what is offered is fetched again each time the picker is about to open.
  select.addEventListener('pointerdown', reload);
  select.addEventListener('focus', reload);
  show([]);
  reload();
  return h('label.namespace', null, h('span', null, 'Namespace'), select);
}

/** Who may not list namespaces can still name one. */
function askForName() {
  const input = h('input', { type: 'text', name: 'namespace', required: true, autocomplete: 'off', spellcheck: false });
  const body = h('label.field', null, 'Its name', input);
  ask('Look at a namespace', body, 'Show', () => (scope.namespace = input.value.trim()));
  input.focus();
}
