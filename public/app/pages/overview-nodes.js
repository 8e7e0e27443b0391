// The nodes of the overview: how full each is, and each of its pods as a small square.

import { findResource } from '../discovery.js';
import { h } from '../dom.js';
import { bytes, compare, cores, percent, plural } from '../format.js';
import { badge, empty, gauge, stack } from '../parts.js';
import { firstSteps } from '../places.js';
import { link, listHref, objectHref } from '../router.js';
import { nodeState, nodeUse, phases, phaseTones } from './overview-data.js';

/** With more pods than this a node shows a bar of phases. */
const mostSquares = 800;
const mostNodes = 40;

/** `usage` says what nodes really use, by name, where that is measured. */
export function nodesTable(nodes, pods, usage) {
  const kind = findResource('core', 'nodes');
  if (nodes.length === 0) {
    return empty('No nodes', 'Pods wait until a node joins. Start with some simulated ones:', ...firstSteps.nodes);
  }
  const byNode = Map.groupBy(pods, ({ node }) => node);
  const asSquares = pods.length <= mostSquares;
  const of = ({ metadata: { name } }) => byNode.get(name) ?? [];
  const inOrder = (a, b) => rank(a) - rank(b) || compare(a.metadata.name, b.metadata.name);
  const shown = [...nodes].sort(inOrder).slice(0, mostNodes);
  const line = (node) => {
    const { name } = node.metadata;
    const mine = of(node);
    const use = nodeUse(node, mine);
    const measured = usage.get(name);
    const bar = (resource, show, label) => {
      const { used, of: whole } = use[resource];
      const text = `${show(used)} of ${show(whole)}${measured ? `, uses ${show(measured[resource])}` : ''}`;
      return gauge(percent(used, whole), text, `${label} requested on ${name}`);
    };
    return h('tr', null, h('th', { scope: 'row' }, link(objectHref(kind, null, name), name)),
      h('td', null, badge(nodeState(node))),
      h('td', null, bar('cpu', cores, 'CPU')), h('td', null, bar('memory', bytes, 'Memory')),
      h('td.pod-column', null, h('div.pod-cell', null, podMarks(mine, asSquares, use.pods.of),
        h('span.gauge-text', null, `${use.pods.used} of ${use.pods.of}`))));
  };
  const unplaced = pods.filter(({ node, active }) => !node && active);
  const heads = ['Node', 'Status', 'CPU requested', 'Memory requested', 'Pods'];
  return [h('div.table-frame.inside', null, h('table.nodes', null,
    h('thead', null, h('tr', null, heads.map((head) => h('th', { scope: 'col' }, head)))),
    h('tbody', null, shown.map(line), unplaced.length > 0 && h('tr', null,
      h('th', { scope: 'row' }, h('span.absent', null, 'no node yet')), h('td', { colspan: 3 }),
      h('td', null, h('div.pod-cell', null, podMarks(unplaced, asSquares, unplaced.length),
        h('span.gauge-text', null, plural(unplaced.length, 'pod')))))))),
  nodes.length > mostNodes && h('p.note', null, link(listHref(kind), `All ${nodes.length} nodes`))];
}

/** Nodes that are not well come first. */
const rank = (node) => (nodeState(node) === 'Ready' ? 1 : 0);

/** Squares, or a bar as long as these pods are of the most there is room for. */
function podMarks(pods, asSquares, room) {
  const counts = phases(pods);
  if (!asSquares) {
    const bar = stack(counts.map(([phase, count]) => [phaseTones[phase], count, phase]));
    bar.style.width = `${Math.min(100, percent(pods.length, room))}%`;
    return bar;
  }
  const label = counts.map(([phase, count]) => `${count} ${phase}`).join(', ') || 'no pods';
  const kind = findResource('core', 'pods');
  // Squares are for the eye and the mouse: those who use neither have the list of pods.
  return h('div.squares', { role: 'img', 'aria-label': label }, [...pods]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ namespace, name, phase, trouble }) => h('a.square', { tabindex: '-1', 'aria-hidden': 'true',
      href: objectHref(kind, namespace, name), title: `${namespace}/${name}: ${trouble?.reason ?? phase}`,
      data: { tone: phaseTones[phase] ?? 'idle' } })));
}
