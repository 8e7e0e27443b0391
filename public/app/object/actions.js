// What can be done to an object, offered where the server supports it.

import { patch, remove } from '../api.js';
import { apiPath } from '../discovery.js';
import { h, icon } from '../dom.js';
import { target } from '../kubectl.js';
import { ask, sameAs, toast } from '../parts.js';
import { now } from '../time.js';
import { drain } from './drain.js';
import { runNow } from './run-now.js';

/** The buttons for an object; `current()` gives its newest state when one is pressed. */
export function actionButtons(kind, current) {
  const path = (subresource) => {
    const { namespace, name } = current().metadata;
    return apiPath(kind, namespace, name, subresource);
  };
  const context = { kind, current, path, target: target(kind, current().metadata) };
  return actions.filter(({ fits }) => fits(kind, current())).map((action) => {
    const label = typeof action.label === 'function' ? action.label(current()) : action.label;
    return h('button', { type: 'button', class: action.danger ? 'danger-quiet' : '',
      onclick: () => action.run(context) },
      action.icon && icon(action.icon), label);
  });
}

const is = (group, ...resources) => (kind) => kind.group === group && resources.includes(kind.resource);

const actions = [
  { label: 'Scale', icon: 'scale', fits: ({ subresources }) => subresources.includes('scale'), run: scale },
  { label: 'Restart', icon: 'restart', fits: is('apps', 'deployments', 'statefulsets', 'daemonsets'), run: restart },
  { label: ({ spec }) => (spec.paused ? 'Resume' : 'Pause'), icon: 'pause', fits: is('apps', 'deployments'),
    run: pause },
  { label: 'Run now', icon: 'play', fits: is('batch', 'cronjobs'), run: runNow },
  { label: ({ spec }) => (spec.suspend ? 'Resume' : 'Suspend'), icon: 'pause', fits: is('batch', 'cronjobs', 'jobs'),
    run: suspend },
  { label: ({ spec }) => (spec?.unschedulable ? 'Uncordon' : 'Cordon'), icon: 'pause', fits: is('', 'nodes'),
    run: cordon },
  { label: 'Drain', icon: 'drain', fits: is('', 'nodes'), run: drain },
  { label: 'Delete', icon: 'trash', danger: true, fits: ({ verbs }) => verbs.includes('delete'), run: askDelete },
];

/** Does what needs no question; what it throws is told. */
async function quietly(done, act) {
  try {
    await act();
    toast(done);
  } catch (error) {
    toast(error.message, 'bad');
  }
}

function scale({ kind, current, path, target: words }) {
  const { metadata, spec } = current();
  const input = h('input', { type: 'number', name: 'replicas', min: '0', max: '100000', required: true,
    value: spec?.replicas ?? 1 });
  const same = h('div');
  const show = () => same.replaceChildren(sameAs(`kubectl scale ${words} --replicas=${input.value || 0}`));
  input.addEventListener('input', show);
  show();
  ask(`Scale ${metadata.name}`, [h('label.field', null, 'Replicas', input), same], 'Scale', async () => {
    await patch(path('scale'), { spec: { replicas: input.valueAsNumber } });
    toast(`Scaled the ${kind.singular} ${metadata.name} to ${input.valueAsNumber}`);
  });
  input.select();
}

function restart({ current, path, target: words }) {
  const { name } = current().metadata;
  const body = [h('p', null, 'Its pods are replaced one after another, as its update strategy says.'),
    sameAs(`kubectl rollout restart ${words}`)];
  ask(`Restart ${name}?`, body, 'Restart', async () => {
    const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date(now()).toISOString() };
    await patch(path(), { spec: { template: { metadata: { annotations } } } }, 'strategic-merge-patch');
    toast(`Restarting ${name}`);
  });
}

function pause({ current, path }) {
  const paused = !current().spec.paused;
  quietly(paused ? 'Paused: changes of its template wait' : 'Resumed', () => patch(path(), { spec: { paused } }));
}

function suspend({ current, path }) {
  const wanted = !current().spec.suspend;
  quietly(wanted ? 'Suspended' : 'Resumed', () => patch(path(), { spec: { suspend: wanted } }));
}

function cordon({ current, path }) {
  const unschedulable = !current().spec?.unschedulable;
  quietly(unschedulable ? 'Cordoned: no new pods come here' : 'Uncordoned', () =>
    patch(path(), { spec: { unschedulable } }));
}

function askDelete({ kind, current, path, target: words }) {
  const { metadata } = current();
  const where = metadata.namespace ? ` in ${metadata.namespace}` : '';
  const orphan = h('input', { type: 'checkbox', name: 'orphan' });
  const same = h('div');
  const show = () => same.replaceChildren(
    sameAs(`kubectl delete ${words}${orphan.checked ? ' --cascade=orphan' : ''}`));
  orphan.addEventListener('change', show);
  show();
  const body = [h('p', null, `This deletes the ${kind.singular} `, h('strong', null, metadata.name), where,
    ' and what belongs to it. It cannot be undone.'),
  h('label.check', null, orphan, 'Keep what it owns'), same];
  ask(`Delete ${metadata.name}?`, body, 'Delete', async () => {
    await remove(path(), metadata.uid, orphan.checked);
    toast(`Deleted the ${kind.singular} ${metadata.name}`);
  }, { danger: true });
}
