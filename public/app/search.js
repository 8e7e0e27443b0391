// All objects of the cluster by name, fetched when somebody searches, and kept for a moment.

import { list } from './api.js';
import { apiPath, kinds } from './discovery.js';

const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';
const freshMilliseconds = 15_000;
const atOnce = 3;
/** Kinds that come in masses and are not what people look for by name. */
const skipped = new Set(['events', 'leases', 'endpoints', 'endpointslices', 'controllerrevisions',
  'ipaddresses']);
const likelyFirst = ['pods', 'deployments', 'services', 'statefulsets', 'daemonsets', 'jobs', 'cronjobs', 'configmaps',
  'secrets', 'nodes', 'namespaces'];

let loadedAt = -Infinity;
let objects = [];

/** Fetches the names, unless they are fresh; `onPart()` is called as they come. */
export async function loadObjects(onPart, signal) {
  if (performance.now() - loadedAt < freshMilliseconds) return;
  const place = ({ resource }) => (likelyFirst.indexOf(resource) + likelyFirst.length + 1) % (likelyFirst.length + 1);
  const waiting = kinds.filter(({ verbs, resource }) => verbs.includes('watch') && !skipped.has(resource))
    .sort((a, b) => place(a) - place(b));
  const found = [];
  const worker = async () => {
    for (let kind = waiting.shift(); kind && !signal.aborted; kind = waiting.shift()) {
      // What may not be listed is not searched.
      const { items } = await list(apiPath(kind), { accept, signal }).catch(() => ({ items: [] }));
      for (const { metadata: { name, namespace } } of items ?? []) found.push(entry(kind, namespace, name));
      if (found.length > objects.length) objects = found;
      onPart();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (signal.aborted) return;
  objects = found;
  loadedAt = performance.now();
  onPart();
}

const entry = (kind, namespace, name) => ({
  kind, namespace, name,
  words: [kind.singular, kind.resource, ...kind.shortNames, namespace ?? ''].join(' ').toLowerCase(),
});

/** The objects whose names have the words of `text`; words may also name the kind and the namespace. Best first. */
export function findObjects(text, limit) {
  const words = text.split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const found = [];
  for (const object of objects) {
    const named = words.filter((word) => object.name.includes(word));
    if (named.length === 0) continue;
    if (!words.every((word) => named.includes(word) || object.words.includes(word))) continue;
    const starts = object.name === named[0] ? 0 : object.name.startsWith(named[0]) ? 1 : 2;
    found.push({ object, rank: starts * 1000 + object.name.length });
  }
  return found.sort((a, b) => a.rank - b.rank).slice(0, limit).map(({ object }) => object);
}
