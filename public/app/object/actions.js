// What can be done to an object, offered where the server supports it.

import { mergePatch, post, remove } from '../api.js';
import { apiPath, findResource } from '../discovery.js';
import { h, icon } from '../dom.js';
import { ask, toast } from '../parts.js';

/** The buttons for an object; `current()` gives its newest state when one is pressed. */
export function actionButtons(kind, current) {
  const path = (subresource) => {
    const { namespace, name } = current().metadata;
    return apiPath(kind, namespace, name, subresource);
  };
  const context = { kind, current, path };
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
  { label: 'Run now', icon: 'play', fits: is('batch', 'cronjobs'), run: runNow },
  {
    label: ({ spec }) => (spec.suspend ? 'Resume' : 'Suspend'), icon: 'pause', fits: is('batch', 'cronjobs', 'jobs'),
    run: ({ current, path }) => quietly(() => mergePatch(path(), { spec: { suspend: !current().spec.suspend } })),
  },
  {
    label: ({ spec }) => (spec?.unschedulable ? 'Uncordon' : 'Cordon'), icon: 'pause', fits: is('', 'nodes'),
    run: ({ current, path }) => quietly(() =>
      mergePatch(path(), { spec: { unschedulable: !current().spec?.unschedulable } })),
  },
  { label: 'Delete', icon: 'trash', danger: true, fits: ({ verbs }) => verbs.includes('delete'), run: askDelete },
];

async function quietly(act) {
  try {
    await act();
  } catch (error) {
    toast(error.message, 'bad');
  }
}

function scale({ kind, current, path }) {
  const { metadata, spec } = current();
  const input = h('input', { type: 'number', name: 'replicas', min: '0', max: '100000', required: true,
    value: spec?.replicas ?? 1 });
  const body = h('label.field', null, 'Replicas', input);
  ask(`Scale ${metadata.name}`, body, 'Scale', async () => {
    await mergePatch(path('scale'), { spec: { replicas: input.valueAsNumber } });
    toast(`Scaled the ${kind.singular} ${metadata.name} to ${input.valueAsNumber}`);
  });
  input.select();
}

function restart({ current, path }) {
  const { name } = current().metadata;
  const body = h('p', null, 'Its pods are replaced one after another, as its update strategy says.');
  ask(`Restart ${name}?`, body, 'Restart', async () => {
    const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() };
    await mergePatch(path(), { spec: { template: { metadata: { annotations } } } });
    toast(`Restarting ${name}`);
  });
}

function runNow({ current }) {
  const { metadata, spec, apiVersion } = current();
  const body = h('p', null, 'This makes a Job from its template, beside the schedule.');
  ask(`Run ${metadata.name} now?`, body, 'Run', async () => {
    const owner = { apiVersion, kind: 'CronJob', name: metadata.name, uid: metadata.uid, controller: true };
    const job = await post(apiPath(findResource('batch', 'jobs'), metadata.namespace), {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        generateName: `${metadata.name.slice(0, 40)}-manual-`,
        labels: spec.jobTemplate.metadata?.labels,
        annotations: { ...spec.jobTemplate.metadata?.annotations, 'cronjob.kubernetes.io/instantiate': 'manual' },
        ownerReferences: [owner],
      },
      spec: spec.jobTemplate.spec,
    });
    toast(`Started the job ${job.metadata.name}`);
  });
}

function askDelete({ kind, current, path }) {
  const { metadata } = current();
  const where = metadata.namespace ? ` in ${metadata.namespace}` : '';
  const body = h('p', null, `This deletes the ${kind.singular} `, h('strong', null, metadata.name), where,
    ' and what belongs to it. It cannot be undone.');
  ask(`Delete ${metadata.name}?`, body, 'Delete', async () => {
    await remove(path(), metadata.uid);
    toast(`Deleted the ${kind.singular} ${metadata.name}`);
  }, { danger: true });
}
