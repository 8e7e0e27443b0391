// The logs of all pods of a workload in one, by the time of each line.

import { list, send } from '../api.js';
import { apiPath, findResource } from '../discovery.js';
import { fill, h } from '../dom.js';
import { plural } from '../format.js';
import { LogView } from './log-view.js';
import { selectorText } from './selector.js';

const pollMilliseconds = 2000;
const mostPods = 10;
const firstLines = 100;
const hues = 6;

export const hasPods = (kind) =>
  (kind.group === 'apps' && /^(deployments|replicasets|statefulsets|daemonsets)$/.test(kind.resource))
  || (kind.group === 'batch' && kind.resource === 'jobs');

/**
 * Asked for again and again, each time from the last line on: a stream for each pod would take more connections than a
 * browser has.
 */
export function workloadLogsTab(kind, { metadata: { namespace, name }, spec }) {
  const pods = findResource('core', 'pods');
  const view = new LogView(name);
  const whole = new AbortController();
  const { signal } = whole;
  const last = new Map();
  const picker = h('select', { 'aria-label': 'Container', onchange: () => begin() },
    spec.template.spec.containers.map((container) => h('option', { value: container.name }, container.name)));
  let turn = 0;

  /** The new lines of a pod: [{ time, pod, text }]. */
  const linesOf = async (pod, container) => {
    const since = last.get(pod);
    const from = since ? { sinceTime: `${since.slice(0, 19)}Z` } : { tailLines: firstLines };
    const query = { container, timestamps: true, ...from };
    // A pod whose container has not started has no log yet.
    const text = await send(apiPath(pods, namespace, pod, 'log'), { query, accept: 'text/plain, */*', signal })
      .then((response) => response.text(), () => '');
    return text.split('\n').filter(Boolean).map((line) => {
      const end = line.indexOf(' ');
      return { time: line.slice(0, end), pod, text: line.slice(end + 1) };
    }).filter(({ time }) => !since || time > since);
  };

  const load = async (mine) => {
    const query = { labelSelector: selectorText(spec.selector) };
    const { items } = await list(apiPath(pods, namespace), { query, signal }).catch(() => ({ items: [] }));
    const names = items.map(({ metadata }) => metadata.name).sort().slice(0, mostPods);
    const found = (await Promise.all(names.map((pod) => linesOf(pod, picker.value)))).flat()
      .sort((a, b) => (a.time < b.time ? -1 : 1));
    if (mine !== turn) return;
    for (const { pod, time } of found) last.set(pod, time);
    const hue = (pod) => names.indexOf(pod) % hues;
    view.addLines(found.map(({ pod, text }) =>
      [h('b', { data: { hue: hue(pod) } }, pod.replace(`${name}-`, '')), ' ', text]));
    fill(view.note, h('p.note', null, plural(names.length, 'pod'),
      items.length > names.length && ` of ${items.length}`, ', asked every two seconds'));
  };

  /** Starts over, and goes on until it is started over again or stopped. */
  const begin = async () => {
    const mine = (turn += 1);
    last.clear();
    view.clear();
    while (mine === turn) {
      if (!document.hidden) await load(mine);
      await new Promise((done) => setTimeout(done, pollMilliseconds));
    }
  };
  begin();
  return {
    element: h('div.logs', null, h('div.toolbar', null, picker, view.search, view.tools), view.note, view.output),
    stop() {
      turn += 1;
      whole.abort();
    },
  };
}
