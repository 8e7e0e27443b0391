// The kubectl commands that do what the dashboard shows and does, so that one teaches the other.

import { kinds } from './discovery.js';

/** A kind as kubectl takes it: "deployments", with its group where another kind has the same name. */
export function word({ resource, group }, form = resource) {
  const shared = kinds.some((kind) => kind.resource === resource && kind.group !== group);
  return shared && group ? `${form}.${group}` : form;
}

const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** "-n NAME", or "-A" for all namespaces; nothing for kinds that have none. */
const inNamespace = (kind, namespace) => (kind.namespaced ? (namespace ? ` -n ${namespace}` : ' -A') : '');

/** Lists a kind as a list page does. */
export const listCommand = (kind, namespace, labels) =>
  `kubectl get ${word(kind)}${inNamespace(kind, namespace)}${labels ? ` -l ${quoted(labels)}` : ''}`;

/** "deployment/web -n shop". */
export const target = (kind, { namespace, name }) =>
  `${word(kind, kind.singular)}/${name}${namespace ? ` -n ${namespace}` : ''}`;

/** What shows the same as a tab of an object's page. */
export function objectCommand(kind, metadata, tab) {
  const { namespace, name } = metadata;
  const place = namespace ? ` -n ${namespace}` : '';
  if (tab === 'yaml') return `kubectl get ${word(kind, kind.singular)} ${name}${place} -o yaml`;
  if (tab === 'events') return `kubectl events --for ${word(kind, kind.singular)}/${name}${place}`;
  if (tab === 'logs' && kind.resource === 'pods') return `kubectl logs ${name}${place} -f --all-containers`;
  if (tab === 'logs') return `kubectl logs ${target(kind, metadata)} -f --all-pods`;
  return `kubectl describe ${word(kind, kind.singular)} ${name}${place}`;
}
