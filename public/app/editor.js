// A box to write one object in, as YAML or JSON, with what the server says to it.

import { fill, h } from './dom.js';
import { problem } from './parts.js';
import { readYaml } from './yaml-read.js';

/**
 * Builds an editor that starts with `text`. `send(object, query)` brings the object to the server, `done(answer)` is
 * called once it is stored and `cancel()` when nothing is to change. Returns { element, note, focus }.
 */
export function editor({ text, verb, send, done, cancel }) {
  const area = h('textarea.editor', { 'aria-label': 'YAML or JSON', spellcheck: false, value: text });
  const note = h('div');
  const attempt = (query, then) => async () => {
    try {
      then(await send(readYaml(area.value), { fieldValidation: 'Strict', ...query }));
    } catch (error) {
      fill(note, problem(error));
    }
  };
  const accepted = () => fill(note, h('p.banner', { role: 'status' }, 'The server would accept this.'));
  const element = h('div.yaml-tab', null,
    h('div.toolbar', null,
      h('button.primary', { type: 'button', onclick: attempt({}, done) }, verb),
      h('button', { type: 'button', onclick: attempt({ dryRun: 'All' }, accepted) }, 'Check'),
      h('button', { type: 'button', onclick: cancel }, 'Cancel'),
      h('span.note', null, 'YAML or JSON')),
    note, area);
  const focus = () => {
    area.focus();
    area.setSelectionRange(0, 0);
    area.scrollTop = 0;
  };
  return { element, note, focus };
}
