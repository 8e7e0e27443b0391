// What a container is given: its variables with where they come from, and its volumes with what is in them.

import { h } from '../dom.js';
import { objectLink } from './links.js';

/** A variable's value, or a link to where it is taken from. */
function valueOf({ value, valueFrom }, namespace) {
  if (!valueFrom) return h('code', null, value ?? '');
  const { configMapKeyRef: map, secretKeyRef: secret, fieldRef, resourceFieldRef: resource } = valueFrom;
  if (map) return [objectLink('v1', 'ConfigMap', namespace, map.name), h('span.note', null, ` key ${map.key}`)];
  if (secret) return [objectLink('v1', 'Secret', namespace, secret.name), h('span.note', null, ` key ${secret.key}`)];
  if (fieldRef) return h('span.note', null, 'field ', h('code', null, fieldRef.fieldPath));
  if (resource) return h('span.note', null, 'resource ', h('code', null, resource.resource));
  return '';
}

export function envTable({ env = [], envFrom = [] }, namespace) {
  const lines = [
    ...envFrom.map(({ prefix = '', configMapRef: map, secretRef: secret }) =>
      [`${prefix}*`, map ? objectLink('v1', 'ConfigMap', namespace, map.name)
        : objectLink('v1', 'Secret', namespace, secret?.name)]),
    ...env.map((variable) => [variable.name, valueOf(variable, namespace)]),
  ];
  return lines.length > 0 && h('div.sub', null, h('h4', null, 'Variables'), h('table.plain', null,
    h('tbody', null, lines.map(([name, value]) =>
      h('tr', null, h('th', { scope: 'row' }, h('code', null, name)), h('td', null, value))))));
}

export const volumesOf = ({ volumes = [] }) => new Map(volumes.map((volume) => [volume.name, volume]));

export function mountTable({ volumeMounts = [] }, namespace, volumes) {
  const line = ({ name, mountPath, readOnly, subPath }) => h('tr', null,
    h('th', { scope: 'row' }, h('code', null, mountPath)),
    h('td', null, name, subPath && ` (${subPath})`, readOnly && h('span.note', null, ' read-only')),
    h('td', null, contents(volumes.get(name) ?? {}, namespace)));
  return volumeMounts.length > 0 && h('div.sub', null, h('h4', null, 'Volumes'),
    h('table.plain', null, h('tbody', null, volumeMounts.map(line))));
}

function contents(volume, namespace) {
  const { configMap, secret, persistentVolumeClaim: claim, emptyDir, hostPath, projected } = volume;
  if (configMap) return objectLink('v1', 'ConfigMap', namespace, configMap.name);
  if (secret) return objectLink('v1', 'Secret', namespace, secret.secretName);
  if (claim) return objectLink('v1', 'PersistentVolumeClaim', namespace, claim.claimName);
  if (emptyDir) return emptyDir.medium === 'Memory' ? 'empty, in memory' : 'empty';
  if (hostPath) return ['host ', h('code', null, hostPath.path)];
  if (projected) return `projected: ${(projected.sources ?? []).map((part) => Object.keys(part)[0]).join(', ')}`;
  const [type] = Object.keys(volume).filter((key) => key !== 'name');
  return type ?? '';
}
