// What a node has, what its pods ask for, and the pods themselves.

import { findResource } from '../discovery.js';
import { fill, h } from '../dom.js';
import { bytes, cores, percent, quantity } from '../format.js';
import { liveTable } from '../live-table.js';
import { card, gauge } from '../parts.js';
import { nodeUse, podSummary } from '../pages/overview-data.js';
import { usageOfNodes } from './usage.js';

const pollMilliseconds = 5000;

export function nodeCards(kind, object) {
  if (kind.resource !== 'nodes' || kind.group !== '') return null;
  const { name } = object.metadata;
  const use = h('div');
  const count = h('span.count');
  let current = object;
  let rows = [];
  const draw = () => fill(use, useTable(current, rows.map(({ object: pod }) => pod), used));
  let used = null;
  const measure = async () => {
    used = (await usageOfNodes()).get(name) ?? null;
    draw();
  };
  const timer = setInterval(() => !document.hidden && measure(), pollMilliseconds);
  measure();
  const table = liveTable(findResource('core', 'pods'), { fields: `spec.nodeName=${name}`, whole: true }, {
    nothing: h('p.calm', null, 'No pod runs here.'),
    onRows: (now) => {
      rows = now;
      count.textContent = String(now.length);
      draw();
    },
  });
  const pods = card(['Pods ', count], table.element);
  pods.classList.add('table-card');
  return {
    elements: [card('Capacity and requests', use), pods],
    update(next) {
      current = next;
      draw();
    },
    stop() {
      clearInterval(timer);
      table.stop();
    },
  };
}

function useTable(node, pods, measured) {
  const { name } = node.metadata;
  const asked = nodeUse(node, pods.map(podSummary));
  const limits = (resource) => pods.flatMap(({ spec }) => spec.containers)
    .reduce((sum, { resources }) => sum + quantity(resources?.limits?.[resource]), 0);
  const heads = ['Resource', 'Requested', ...(measured ? ['Used'] : []), 'Limits', 'Allocatable', 'Capacity'];
  const { capacity = {}, allocatable = {} } = node.status ?? {};
  const line = (label, resource, { used, of }, show) => h('tr', null,
    h('th', { scope: 'row' }, label),
    h('td', null, gauge(percent(used, of), `${show(used)} of ${show(of)}`, `${label} requested on ${name}`)),
    measured && h('td', null, resource === 'pods' ? '' : show(measured[resource])),
    h('td', null, resource === 'pods' ? '' : show(limits(resource))),
    h('td', null, show(quantity(allocatable[resource]))), h('td', null, show(quantity(capacity[resource]))));
  return h('div.table-frame.inside', null, h('table', null,
    h('thead', null, h('tr', null, heads.map((head) => h('th', { scope: 'col' }, head)))),
    h('tbody', null, line('CPU', 'cpu', asked.cpu, cores), line('Memory', 'memory', asked.memory, bytes),
      line('Pods', 'pods', asked.pods, String))));
}
