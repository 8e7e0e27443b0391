// The logs of a pod, followed as they are written.

import { send } from '../api.js';
import { apiPath } from '../discovery.js';
import { fill, h } from '../dom.js';
import { problem, toggle } from '../parts.js';
import { LogView } from './log-view.js';

const firstLines = 500;

export function logsTab(kind, pod) {
  const logs = new PodLogs(kind, pod);
  return { element: logs.element, update: (now) => logs.update(now), stop: () => logs.stop() };
}

class PodLogs {
  constructor(kind, pod) {
    this.path = apiPath(kind, pod.metadata.namespace, pod.metadata.name, 'log');
    this.options = { follow: true, timestamps: false, previous: false };
    this.view = new LogView(pod.metadata.name);
    this.names = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(({ name }) => name);
    this.picker = h('select', { 'aria-label': 'Container', onchange: () => this.begin() },
      this.names.map((name) => h('option', { value: name }, name)));
    const chosen = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
    this.picker.value = this.names.includes(chosen) ? chosen : pod.spec.containers[0].name;
    const option = (label, key) => toggle(label, this.options[key], (on) => {
      this.options[key] = on;
      this.begin();
    });
    const { search, tools, note, output } = this.view;
    this.element = h('div.logs', null,
      h('div.toolbar', null, this.picker, search,
        option('Follow', 'follow'), option('Timestamps', 'timestamps'), option('Previous', 'previous'), tools),
      note, output);
    this.begin();
  }

  async begin() {
    this.controller?.abort();
    clearTimeout(this.retry);
    const { view } = this;
    const controller = (this.controller = new AbortController());
    view.clear();
    fill(view.note);
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
        view.add(value);
      }
      if (view.partial) view.add('\n');
      fill(view.note,
        h('p.note', null, view.isEmpty ? 'This container has written nothing yet.' : 'The end of the log.'));
    } catch (error) {
      if (controller.signal.aborted) return;
      this.waiting = /waiting to start|not found|ContainerCreating|not have a host|PodInitializing/.test(error.message);
      fill(view.note, this.waiting ? h('p.banner', null, error.message) : problem(error, () => this.begin()));
    }
  }

  /** A container that was not there yet may be now. */
  update() {
    if (!this.waiting) return;
    this.waiting = false;
    this.retry = setTimeout(() => this.begin(), 500);
  }

  stop() {
    this.controller?.abort();
    clearTimeout(this.retry);
  }
}
