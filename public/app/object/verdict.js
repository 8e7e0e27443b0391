// What the scheduler said of every node about one pod.

import { get } from '../api.js';
import { findResource } from '../discovery.js';
import { fill, h, throttle } from '../dom.js';
import { plural } from '../format.js';
import { ago, badge, card } from '../parts.js';
import { link, objectHref } from '../router.js';

const pollMilliseconds = 4000;
const mostNodes = 24;

/** A table of nodes and the filters that refused each, for as long as the pod waits. */
export function verdictCard({ metadata: { namespace, name } }) {
  const body = h('div');
  const element = card('What the scheduler says of each node', body);
  element.classList.add('table-card');
  element.hidden = true;
  let stopped = false;
  const path = `/swiftlet/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/scheduling`;
  const load = async () => {
    // Other API servers have no such path, and a pod just made has no verdict yet.
    const verdict = await get(path).catch(() => null);
    if (stopped) return;
    element.hidden = !verdict;
    if (verdict) draw(body, verdict);
  };
  const soon = throttle(load, 300);
  const timer = setInterval(() => !document.hidden && load(), pollMilliseconds);
  load();
  return {
    element,
    update: soon,
    stop() {
      stopped = true;
      clearInterval(timer);
      soon.cancel();
    },
  };
}

function draw(body, { refusals = {}, scores = {}, decidedAt }) {
  const names = [...new Set([...Object.keys(refusals), ...Object.keys(scores)])].sort();
  const kind = findResource('core', 'nodes');
  const line = (name) => h('tr', null,
    h('th', { scope: 'row' }, link(objectHref(kind, null, name), name)),
    h('td', null, refusals[name] ? badge('refused', 'bad') : badge('fits', 'ok')),
    h('td', null, (refusals[name] ?? []).map(({ filter, reason }) =>
      h('div', null, reason, ' ', h('span.note', null, filter)))),
    h('td', null, scoreText(scores[name])));
  fill(body,
    h('p.note', null, plural(names.length, 'node'), ', decided ', ago(decidedAt)),
    h('div.table-frame.inside', null, h('table', null,
      h('thead', null, h('tr', null, ['Node', 'Verdict', 'Reason', 'Score'].map((head) =>
        h('th', { scope: 'col' }, head)))),
      h('tbody', null, names.slice(0, mostNodes).map(line)))),
    names.length > mostNodes && h('p.note', null, `and ${names.length - mostNodes} more nodes`));
}

const scoreText = (score) => (score === undefined ? '' : typeof score === 'object'
  ? Object.entries(score).map(([name, points]) => `${name} ${points}`).join(', ') : String(score));
