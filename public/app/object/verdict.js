// What the scheduler found out about a pod: why it waits, or why it is where it is, node by node.

import { get } from '../api.js';
import { findResource } from '../discovery.js';
import { fill, h, throttle } from '../dom.js';
import { compare, plural } from '../format.js';
import { ago, badge, card } from '../parts.js';
import { link, objectHref } from '../router.js';

const pollMilliseconds = 4000;
const mostNodes = 24;

/** For as long as the pod waits the card asks again; of a pod that has a node it tells once why it is there. */
export function verdictCard({ metadata: { namespace, name }, spec: { nodeName } }) {
  const body = h('div');
  const element = card(nodeName ? `Why it is on ${nodeName}` : 'What the scheduler says of each node', body);
  element.classList.add('table-card');
  element.hidden = true;
  let stopped = false;
  const path = `/swiftlet/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/scheduling`;
  const load = async () => {
    // Other API servers have no such path, and the scheduler forgets what was long ago.
    const verdict = await get(path).catch(() => null);
    if (stopped) return;
    element.hidden = !verdict;
    if (verdict) draw(body, verdict);
  };
  const soon = throttle(load, 300);
  const timer = !nodeName && setInterval(() => !document.hidden && load(), pollMilliseconds);
  load();
  return {
    element,
    update: () => nodeName || soon(),
    stop() {
      stopped = true;
      clearInterval(timer);
      soon.cancel();
    },
  };
}

function draw(body, verdict) {
  const { refusals = {}, scores = {}, scoreOfNode, decidedAt, explanation = [], node } = verdict;
  const rank = (name) => (name === node ? Infinity : scores[name] ?? -1);
  const byRank = (a, b) => (rank(a) === rank(b) ? compare(a, b) : rank(b) - rank(a));
  const names = [...new Set([...Object.keys(refusals), ...Object.keys(scores)])].sort(byRank);
  const kind = findResource('core', 'nodes');
  const line = (name) => h('tr', null,
    h('th', { scope: 'row' }, link(objectHref(kind, null, name), name)),
    h('td', null, name === node ? badge('chosen', 'ok')
      : refusals[name] ? badge('refused', 'bad') : badge('fits', 'idle')),
    h('td', null, (refusals[name] ?? []).map(refusal), name === node && parts(scoreOfNode)),
    h('td', null, scores[name] ?? ''));
  // What is said of all nodes at once: gates, what no node has, who is asked to leave.
  const general = explanation.filter((sentence) => !names.some((name) => sentence.startsWith(`${name}:`)));
  fill(body,
    h('p.note', null, plural(names.length, 'node'), ', decided ', ago(decidedAt)),
    general.map((sentence) => h('p.said', null, sentence)),
    names.length > 0 && h('div.table-frame.inside', null, h('table', null,
      h('thead', null, h('tr', null, ['Node', 'Verdict', 'Because', 'Score'].map((head) =>
        h('th', { scope: 'col' }, head)))),
      h('tbody', null, names.slice(0, mostNodes).map(line)))),
    names.length > mostNodes && h('p.note', null, `and ${names.length - mostNodes} more nodes`));
}

/** In the words of a person, with the scheduler's own beside them. */
const refusal = ({ filter, reason, words }) =>
  h('div', { title: reason }, words ?? reason, ' ', h('span.note', null, filter));

const parts = (scoreOfNode = {}) => h('span.note', null,
  Object.entries(scoreOfNode).map(([plugin, points]) => `${plugin} ${points}`).join(', '));
