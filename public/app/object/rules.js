// What is said in lists of rules: the rights of a role, the subjects of a binding, the paths of an Ingress.

import { h } from '../dom.js';
import { card } from '../parts.js';
import { endpointTable } from './endpoints.js';
import { objectLink } from './links.js';

const table = (heads, rows) => h('div.table-frame.inside', null, h('table', null,
  h('thead', null, h('tr', null, heads.map((head) => h('th', { scope: 'col' }, head)))),
  h('tbody', null, rows.map((cells) => h('tr', null, cells.map((cell) => h('td', null, cell)))))));

const words = (list = []) => list.map((word) => (word === '' ? 'core' : word)).join(', ');

const right = ({ verbs, resources, nonResourceURLs, apiGroups, resourceNames }) =>
  [words(verbs), words(resources ?? nonResourceURLs), words(apiGroups), words(resourceNames)];

const role = ({ rules }) => [['Rights', table(['Verbs', 'Resources', 'Groups', 'Names'], (rules ?? []).map(right))]];

function binding({ metadata, roleRef, subjects }) {
  const subject = ({ kind, name, namespace = metadata.namespace }) =>
    [kind, kind === 'ServiceAccount' ? objectLink('v1', kind, namespace, name) : name];
  const group = 'rbac.authorization.k8s.io/v1';
  return [['Gives the role', h('p', null, objectLink(group, roleRef.kind, metadata.namespace, roleRef.name))],
    ['To', table(['Kind', 'Name'], (subjects ?? []).map(subject))]];
}

function ingress({ metadata: { namespace }, spec }) {
  const service = ({ service: to }) =>
    (to ? [objectLink('v1', 'Service', namespace, to.name), ` : ${to.port?.name ?? to.port?.number ?? ''}`] : '');
  const rows = (spec.rules ?? []).flatMap(({ host, http }) => (http?.paths ?? []).map(({ path, pathType, backend }) =>
    [host ?? 'any host', h('code', null, path ?? '/'), pathType, service(backend)]));
  if (spec.defaultBackend) rows.push(['anything else', '', '', service(spec.defaultBackend)]);
  return [['Routes', table(['Host', 'Path', 'Match', 'Service'], rows)]];
}

const slice = (object) => [['Endpoints', endpointTable([object])]];

const kinds = {
  EndpointSlice: slice, Role: role, ClusterRole: role, RoleBinding: binding, ClusterRoleBinding: binding,
  Ingress: ingress,
};

/** The cards of rules of an object, if its kind has them. */
export const rulesCard = (object) => kinds[object.kind]?.(object).map(([heading, content]) => {
  const box = card(heading, content);
  if (content.classList.contains('table-frame')) box.classList.add('table-card');
  return box;
});
