// Empties a node: cordons it, then asks each of its pods to leave, as budgets allow.

import { list, patch, post } from '../api.js';
import { apiPath, findResource } from '../discovery.js';
import { h } from '../dom.js';
import { plural } from '../format.js';
import { ask, sameAs, toast } from '../parts.js';

export function drain({ current, path }) {
  const { name } = current().metadata;
  const body = [h('p', null, 'The node takes no new pods, and those it has are evicted. Pods of DaemonSets stay.'),
    sameAs(`kubectl drain ${name} --ignore-daemonsets --delete-emptydir-data --force`)];
  ask(`Drain ${name}?`, body, 'Drain', async () => {
    await patch(path(), { spec: { unschedulable: true } });
    const pods = findResource('core', 'pods');
    const { items } = await list(apiPath(pods), { query: { fieldSelector: `spec.nodeName=${name}` } });
    const leaving = items.filter(({ metadata, status }) => !['Succeeded', 'Failed'].includes(status?.phase)
      && !metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet'));
    const answers = await Promise.allSettled(leaving.map(({ metadata: { namespace, name: pod } }) =>
      post(apiPath(pods, namespace, pod, 'eviction'),
        { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace } })));
    const refused = answers.filter(({ status }) => status === 'rejected');
    if (refused.length > 0) {
      throw new Error(`${plural(refused.length, 'pod')} may not leave yet: ${refused[0].reason.message}`);
    }
    toast(`Drained ${name}: ${plural(leaving.length, 'pod')} evicted`);
  });
}
