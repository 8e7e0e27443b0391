// The logs of a pod, followed as they are written.

import { send } from '../api.js';
import { apiPath } from '../discovery.js';
import { fill, h } from '../dom.js';
import { problem, toggle } from '../parts.js';

const firstLines = 500;
const mostLines = 5000;

export function logsTab(kind, pod) {
  const view = new LogView(kind, pod);
  return { element: view.element, update: (now) => view.update(now), stop: () => view.stop() };
}

class LogView {
  constructor(kind, pod) {
    this.path = apiPath(kind, pod.metadata.namespace, pod.metadata.name, 'log');
    this.options = { follow: true, timestamps: false, previous: false };
    this.output = h('pre.log', { tabindex: '0', role: 'log', 'aria-label': 'Log', 'aria-live': 'off',
      onscroll: () => this.noteScroll() });
    this.note = h('div');
    this.atEnd = true;
    this.filter = '';
    this.names = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(({ name }) => name);
    this.picker = h('select', { 'aria-label': 'Container', onchange: () => this.begin() },
      this.names.map((name) => h('option', { value: name }, name)));
    const chosen = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
    this.picker.value = this.names.includes(chosen) ? chosen : pod.spec.containers[0].name;
    const option = (label, key) => toggle(label, this.options[key], (on) => {
      this.options[key] = on;
      this.begin();
    });
    this.element = h('div.logs', null,
      h('div.toolbar', null, this.picker,
        h('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter lines',
          oninput: (event) => this.setFilter(event.target.value) }),
        option('Follow', 'follow'), option('Timestamps', 'timestamps'), option('Previous', 'previous'),
        toggle('Wrap', true, (on) => this.output.classList.toggle('wide', !on)),
        h('a.button', { href: '#', download: `${pod.metadata.name}.log`,
          onclick: (event) => this.download(event.currentTarget) }, 'Save')),
      this.note, this.output);
    this.begin();
  }

  async begin() {
    this.controller?.abort();
    clearTimeout(this.retry);
    const controller = (this.controller = new AbortController());
    fill(this.output);
    fill(this.note);
    this.partial = '';
    const { follow, timestamps, previous } = this.options;
    const query = {
      container: this.picker.value,
      tailLines: firstLines,
      follow: (follow && !previous) || '',
      timestamps: timestamps || '',
      previous: previous || '',
    };
    try {
      const response = await send(this.path, { query, accept: 'text/plain, */*', signal: controller.signal });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (controller.signal.aborted) return;
        if (done) break;
        this.add(value);
      }
      if (this.partial) this.add('\n');
      const silent = this.output.childElementCount === 0;
      fill(this.note, h('p.note', null, silent ? 'This container has written nothing yet.' : 'The end of the log.'));
    } catch (error) {
      if (controller.signal.aborted) return;
      this.waiting = /waiting to start|not found|ContainerCreating|not have a host|PodInitializing/.test(error.message);
      fill(this.note, this.waiting ? h('p.banner', null, error.message) : problem(error, () => this.begin()));
    }
  }

  /** A container that was not there yet may be now. */
  update() {
    if (!this.waiting) return;
    this.waiting = false;
    this.retry = setTimeout(() => this.begin(), 500);
  }

  add(text) {
    const lines = (this.partial + text).split('\n');
    this.partial = lines.pop();
    const nodes = lines.map((line) => h('span', { hidden: !line.toLowerCase().includes(this.filter) }, `${line}\n`));
    this.output.append(...nodes);
    while (this.output.childElementCount > mostLines) this.output.firstChild.remove();
    if (this.atEnd) this.output.scrollTop = this.output.scrollHeight;
  }

  setFilter(text) {
    this.filter = text.toLowerCase();
    for (const line of this.output.children) line.hidden = !line.textContent.toLowerCase().includes(this.filter);
  }

  /** Reading back holds the view still; returning to the end follows again. */
  noteScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.output;
    this.atEnd = scrollHeight - scrollTop - clientHeight < 24;
  }

  download(anchor) {
    const blob = new Blob([this.output.textContent], { type: 'text/plain' });
    anchor.href = URL.createObjectURL(blob);
    setTimeout(() => URL.revokeObjectURL(anchor.href), 1000);
  }

  stop() {
    this.controller?.abort();
    clearTimeout(this.retry);
  }
}
