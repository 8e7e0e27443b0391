// Where an object belongs: its owners above it, and what it owns below it.

import { list } from '../api.js';
import { apiPath, findKind, findResource, named } from '../discovery.js';
import { fill, h, throttle } from '../dom.js';
import { badge, empty } from '../parts.js';
import { link, objectHref } from '../router.js';

/** The kinds that are looked through for children. */
const common = ['apps/replicasets', 'apps/deployments', 'apps/statefulsets', 'apps/daemonsets', 'batch/jobs',
  'batch/cronjobs', 'core/pods', 'core/services', 'core/configmaps', 'core/secrets', 'core/persistentvolumeclaims',
  'discovery.k8s.io/endpointslices', 'apps/controllerrevisions'];
const refreshMilliseconds = 4000;
const deepest = 6;

export function treeTab(kind, object) {
  const element = h('div', null, h('p.loading', null, 'Looking for relatives…'));
  let stopped = false;
  let current = object;
  const load = async () => {
    const all = await everything(current.metadata.namespace);
    if (!stopped) draw(element, current, all);
  };
  const reload = throttle(load, 300);
  const timer = setInterval(() => !document.hidden && load(), refreshMilliseconds);
  load();
  return {
    element,
    update(next) {
      current = next;
      reload();
    },
    stop() {
      stopped = true;
      clearInterval(timer);
      reload.cancel();
    },
  };
}

async function everything(namespace) {
  const kinds = common.map((place) => findResource(...place.split('/'))).filter(Boolean);
  const lists = await Promise.all(kinds.map(async (kind) => {
    const { items } = await list(apiPath(kind, namespace)).catch(() => ({ items: [] }));
    return items.map((item) => named(kind, item));
  }));
  return lists.flat();
}

function draw(element, object, all) {
  const byUid = new Map(all.map((item) => [item.metadata.uid, item]));
  const chain = [];
  let top = object;
  while (chain.length < deepest) {
    const [owner] = [...(top.metadata.ownerReferences ?? [])].sort((a) => (a.controller ? -1 : 1));
    if (!owner) break;
    const { kind, apiVersion, name, uid } = owner;
    top = byUid.get(uid) ?? { kind, apiVersion, metadata: { name, uid, namespace: object.metadata.namespace } };
    chain.push(top);
  }
  const tree = h('ul.tree', null, branch(top, all, object.metadata.uid, 0));
  const alone = chain.length === 0 && !tree.querySelector('ul');
  fill(element, tree, alone
    && empty('It stands alone', 'Nothing owns this object, and it owns nothing among the common kinds.'));
}

function branch(object, all, here, depth) {
  const children = depth >= deepest ? [] : all.filter(({ metadata }) =>
    (metadata.ownerReferences ?? []).some(({ uid }) => uid === object.metadata.uid));
  const kind = findKind(object.apiVersion, object.kind);
  const { name, namespace, uid } = object.metadata;
  const state = stateOf(object);
  return h('li', null,
    h('div.leaf', { 'aria-current': uid === here ? 'true' : null },
      h('span.note', null, object.kind), kind ? link(objectHref(kind, namespace, name), name) : name,
      state && badge(...state)),
    children.length > 0 && h('ul', null, children.map((child) => branch(child, all, here, depth + 1))));
}

/** [text, tone?] for what a relative does, where that is easily said. */
function stateOf({ kind, spec = {}, status = {} }) {
  if (kind === 'Pod') return [status.phase ?? 'Pending'];
  if (kind === 'Job') return [status.succeeded ? 'Complete' : status.failed ? 'Failed' : 'Running'];
  if (spec.replicas === undefined) return null;
  const have = status.readyReplicas ?? 0;
  return [`${have}/${spec.replicas}`, spec.replicas === 0 ? 'idle' : have >= spec.replicas ? 'ok' : 'busy'];
}
