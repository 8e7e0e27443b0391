// Where a Service leads: every address behind it, with its pod, its node and whether it takes requests.

import { apiPath, findResource } from '../discovery.js';
import { fill, h, redraw } from '../dom.js';
import { badge, card } from '../parts.js';
import { follow } from '../watch.js';
import { referenceLink } from './links.js';

/** The endpoints of some slices, as a table. */
export function endpointTable(slices) {
  const portText = ({ name, port }) => `${name ? `${name} ` : ''}${port ?? 'any'}`;
  const lines = slices.flatMap(({ endpoints, ports, metadata: { namespace } }) => (endpoints ?? []).map((endpoint) =>
    line(endpoint, (ports ?? []).map(portText).join(', '), namespace)));
  return h('div.table-frame.inside', null, h('table', null,
    h('thead', null, h('tr', null, ['Address', 'Ports', 'State', 'Target', 'Node', 'Zone'].map((head) =>
      h('th', { scope: 'col' }, head)))),
    h('tbody', null, lines)));
}

function line({ addresses, conditions = {}, targetRef, nodeName, zone }, ports, namespace) {
  const { ready, serving, terminating } = conditions;
  const state = terminating ? badge(serving ? 'ending, still serving' : 'ending', 'busy')
    : ready === false ? badge('not ready', 'busy') : badge('ready', 'ok');
  return h('tr', null, h('td', null, h('code', null, addresses.join(', '))), h('td', null, ports), h('td', null, state),
    h('td', null, targetRef && referenceLink({ apiVersion: 'v1', ...targetRef }, targetRef.namespace ?? namespace)),
    h('td', null, nodeName && referenceLink({ apiVersion: 'v1', kind: 'Node', name: nodeName })), h('td', null, zone));
}

/** The endpoints of a Service, kept up to date. */
export function endpointsCard(kind, { metadata: { namespace, name } }) {
  const slices = findResource('discovery.k8s.io', 'endpointslices');
  if (kind.resource !== 'services' || kind.group !== '' || !slices) return null;
  const count = h('span.count');
  const body = h('div');
  const element = card(['Endpoints ', count], body);
  element.classList.add('table-card');
  const nothing = h('p.calm', null, 'Nothing stands behind it yet.');
  // Asked for again, not watched: the page watches its object and its pods already, and connections are few.
  const query = { labelSelector: `kubernetes.io/service-name=${name}` };
  const feed = follow({ path: apiPath(slices, namespace), query, watchable: false }, {
    onList({ items }) {
      const number = items.reduce((sum, { endpoints }) => sum + (endpoints?.length ?? 0), 0);
      count.textContent = String(number);
      redraw(body, () => fill(body, number > 0 ? endpointTable(items) : nothing));
    },
  });
  return { element, stop: feed.stop };
}
