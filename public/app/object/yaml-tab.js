// An object as YAML: to read, to copy, and to edit.

import { put } from '../api.js';
import { apiPath } from '../discovery.js';
import { fill, h } from '../dom.js';
import { accepted, editor } from '../editor.js';
import { copy, toast, toggle } from '../parts.js';
import { readYaml } from '../yaml-read.js';
import { yaml, yamlTokens } from '../yaml.js';
import { isSecret, lastApplied } from './data.js';

const mask = '••••••••';

export function yamlTab(kind, object) {
  const view = new YamlView(kind, object);
  return { element: view.element, update: (now) => view.update(now) };
}

class YamlView {
  constructor(kind, object) {
    Object.assign(this, { kind, object, managed: false, revealed: !isSecret(kind), editing: false });
    this.element = h('div.yaml-tab');
    this.read();
  }

  update(object) {
    this.object = object;
    // Nobody should lose what they are just selecting.
    const selection = getSelection();
    if (!selection.isCollapsed && this.element.contains(selection.anchorNode)) return undefined;
    if (!this.editing) return this.read();
    if (this.note && object.metadata.resourceVersion !== this.basis) {
      fill(this.note, h('p.banner', null, 'The object has changed meanwhile. Saving will be refused; ',
        h('button.quiet', { type: 'button', onclick: () => this.edit() }, 'start again from the new state')));
    }
    return undefined;
  }

  /** The object as shown: without the bookkeeping and without secret values, unless asked for. */
  shown() {
    const copied = structuredClone(this.object);
    if (!this.managed) delete copied.metadata.managedFields;
    if (this.revealed) return copied;
    for (const key of Object.keys(copied.data ?? {})) copied.data[key] = mask;
    if (copied.metadata.annotations?.[lastApplied]) copied.metadata.annotations[lastApplied] = mask;
    return copied;
  }

  read() {
    this.editing = false;
    const scrolled = this.element.querySelector('pre')?.scrollTop ?? 0;
    const text = () => yaml(this.shown());
    const tinted = [...yamlTokens(this.shown())].map(([type, part]) =>
      (type === 'space' || type === 'mark' ? part : h(`span.y-${type}`, null, part)));
    const pre = h('pre.yaml', { tabindex: '0', 'aria-label': 'YAML' }, tinted);
    fill(this.element,
      h('div.toolbar', null,
        h('button', { type: 'button', onclick: () => copy(text(), 'Copied the YAML') }, 'Copy'),
        this.kind.verbs.includes('update') && h('button', { type: 'button', onclick: () => this.edit() }, 'Edit'),
        toggle('Managed fields', this.managed, (on) => {
          this.managed = on;
          this.read();
        }),
        isSecret(this.kind) && toggle('Reveal values', this.revealed, (on) => {
          this.revealed = on;
          this.read();
        })),
      pre);
    pre.scrollTop = scrolled;
  }

  edit() {
    this.editing = true;
    this.basis = this.object.metadata.resourceVersion;
    const start = structuredClone(this.object);
    const { managedFields } = start.metadata;
    delete start.metadata.managedFields;
    const send = (text, dryRun) => {
      const edited = readYaml(text);
      if (edited?.metadata) edited.metadata.managedFields ??= managedFields;
      const { namespace, name } = this.object.metadata;
      return put(apiPath(this.kind, namespace, name), edited, { fieldValidation: 'Strict', dryRun });
    };
    const { element, note, focus } = editor({
      text: yaml(start),
      actions: [
        { label: 'Save', primary: true, run: async (text) => this.saved(await send(text)) },
        { label: 'Check', run: async (text) => (await send(text, 'All'), accepted('The server would accept this.')) },
        { label: 'Cancel', run: () => this.read() },
      ],
    });
    this.note = note;
    fill(this.element, element);
    focus();
  }

  saved(object) {
    toast(object.metadata.resourceVersion === this.basis ? 'Saved: nothing was different' : 'Saved');
    this.object = object;
    this.read();
  }
}
