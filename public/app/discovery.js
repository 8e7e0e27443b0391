// What the server serves: every kind, found by discovery, so that nothing here has to know a kind beforehand.

import { get } from './api.js';

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

/** All kinds in the server's order: { group, version, resource, kind, namespaced, verbs, subresources, … }. */
export let kinds = [];

export async function discover() {
  const [core, groups] = await Promise.all(['/api', '/apis'].map((path) => get(path, { accept: aggregated })));
  const whole = [core, groups].every((document) => document.kind === 'APIGroupDiscoveryList');
  kinds = whole ? [core, groups].flatMap(fromAggregated) : await fromLegacy(groups);
  return kinds;
}

function fromAggregated(document) {
  return document.items.flatMap((item) => {
    const seen = new Set();
    return item.versions.flatMap((version) =>
      (version.resources ?? [])
        // The first version that has a resource is the one preferred for it.
        .filter(({ resource }) => !seen.has(resource) && seen.add(resource))
        .map((entry) => ({
          group: item.metadata?.name ?? '',
          version: version.version,
          resource: entry.resource,
          kind: entry.responseKind?.kind ?? entry.resource,
          singular: entry.singularResource || entry.resource,
          namespaced: entry.scope === 'Namespaced',
          verbs: entry.verbs ?? [],
          shortNames: entry.shortNames ?? [],
          subresources: (entry.subresources ?? []).map(({ subresource }) => subresource),
        })),
    );
  });
}

async function fromLegacy(groupList) {
  const versions = [{ group: '', version: 'v1', path: '/api/v1' }];
  for (const { name, preferredVersion, versions: served } of groupList.groups ?? []) {
    const order = [preferredVersion, ...served.filter(({ version }) => version !== preferredVersion.version)];
    for (const { version } of order) versions.push({ group: name, version, path: `/apis/${name}/${version}` });
  }
  const lists = await Promise.all(versions.map(({ path }) => get(path).catch(() => ({ resources: [] }))));
  const found = new Map();
  lists.forEach(({ resources = [] }, index) => {
    const { group, version } = versions[index];
    const subresources = (name) => resources.map((entry) => entry.name.split('/'))
      .filter(([owner, sub]) => owner === name && sub).map(([, sub]) => sub);
    for (const entry of resources) {
      const key = `${group}/${entry.name}`;
      if (entry.name.includes('/') || found.has(key)) continue;
      const { name: resource, kind, namespaced, verbs = [], shortNames = [] } = entry;
      const singular = entry.singularName || kind.toLowerCase();
      found.set(key, {
        group, version, resource, kind, singular, namespaced, verbs, shortNames, subresources: subresources(resource),
      });
    }
  });
  return [...found.values()];
}

export const findResource = (group, resource) =>
  kinds.find((kind) => kind.group === (group === 'core' ? '' : group) && kind.resource === resource);

/** The kind an apiVersion and kind name, as in an owner reference. */
export function findKind(apiVersion, name) {
  const group = apiVersion?.includes('/') ? apiVersion.split('/')[0] : '';
  return kinds.find((kind) => kind.kind === name && kind.group === group);
}

/** The kind behind a word as kubectl takes it: pod, po, pods, deployments.apps. */
export const findWord = (word) =>
  kinds.find(({ resource, singular, shortNames, group }) =>
    [resource, singular, ...shortNames, `${resource}.${group}`, `${singular}.${group}`].includes(word));

/** "Pods", "NetworkPolicies": the plural with the kind's own capitals. */
export function title({ kind, resource }) {
  const lower = kind.toLowerCase();
  if (resource.startsWith(lower)) return kind + resource.slice(lower.length);
  if (lower.endsWith('y') && resource.endsWith('ies')) return `${kind.slice(0, -1)}ies`;
  return kind;
}

export const groupVersion = ({ group, version }) => (group ? `${group}/${version}` : version);

/** An item of a list with the apiVersion and kind that lists of built-in kinds leave out. */
export const named = (kind, item) => ({ apiVersion: groupVersion(kind), kind: kind.kind, ...item });

/** The URL of a collection, an object or a subresource. */
export function apiPath(kind, namespace, name, subresource) {
  const parts = kind.group ? ['apis', kind.group, kind.version] : ['api', kind.version];
  if (kind.namespaced && namespace) parts.push('namespaces', namespace);
  parts.push(kind.resource);
  if (name) parts.push(name);
  if (subresource) parts.push(subresource);
  return `/${parts.map(encodeURIComponent).join('/')}`;
}
