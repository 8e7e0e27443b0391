// What pods and nodes really use, where the server measures it: metrics have no watch, so they are asked for again.

import { get, list } from '../api.js';
import { apiPath, findResource } from '../discovery.js';
import { fill, h } from '../dom.js';
import { bytes, cores, percent, quantity } from '../format.js';
import { card, gauge } from '../parts.js';

const pollMilliseconds = 5000;
const group = 'metrics.k8s.io';

/** What each node uses, by name: { cpu, memory } as numbers; empty where nothing measures. */
export async function usageOfNodes() {
  const kind = findResource(group, 'nodes');
  const { items } = kind ? await list(apiPath(kind)).catch(() => ({ items: [] })) : { items: [] };
  return new Map(items.map(({ metadata, usage }) => [metadata.name, amounts(usage)]));
}

const amounts = ({ cpu, memory }) => ({ cpu: quantity(cpu), memory: quantity(memory) });

/** The use of a pod's containers beside what they ask for and may have. */
export function usageCard(kind, { metadata: { namespace, name }, spec }) {
  const metrics = kind.resource === 'pods' && kind.group === '' && findResource(group, 'pods');
  if (!metrics) return null;
  const body = h('div.table-frame.inside');
  const element = card('What it uses', body);
  element.classList.add('table-card');
  element.hidden = true;
  const whole = new AbortController();
  const load = async () => {
    // A pod that just started, or has ended, has no sample.
    const found = await get(apiPath(metrics, namespace, name), { signal: whole.signal }).catch(() => null);
    if (whole.signal.aborted) return;
    element.hidden = !found;
    if (found) fill(body, table(found.containers ?? [], spec.containers));
  };
  const timer = setInterval(() => !document.hidden && load(), pollMilliseconds);
  load();
  return {
    element,
    stop() {
      clearInterval(timer);
      whole.abort();
    },
  };
}

function table(samples, containers) {
  const line = ({ name, usage }) => {
    const { resources = {} } = containers.find((container) => container.name === name) ?? {};
    const used = amounts(usage);
    return h('tr', null, h('th', { scope: 'row' }, name),
      h('td', null, bar(used.cpu, resources, 'cpu', cores, `CPU of ${name}`)),
      h('td', null, bar(used.memory, resources, 'memory', bytes, `Memory of ${name}`)));
  };
  return h('table', null,
    h('thead', null, h('tr', null, ['Container', 'CPU', 'Memory'].map((head) => h('th', { scope: 'col' }, head)))),
    h('tbody', null, samples.map(line)));
}

/** Against the limit, else against the request; without either there is nothing to hold it against. */
function bar(used, { requests = {}, limits = {} }, resource, show, label) {
  const [of, word] = limits[resource] ? [limits[resource], 'limit'] : [requests[resource], 'requested'];
  if (!of) return h('span.gauge-text', null, show(used));
  return gauge(percent(used, quantity(of)), `${show(used)} of ${show(quantity(of))} ${word}`, label);
}
