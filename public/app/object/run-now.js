// A job from the template of a CronJob, beside its schedule.

import { post } from '../api.js';
import { apiPath, findResource } from '../discovery.js';
import { h } from '../dom.js';
import { ask, sameAs, toast } from '../parts.js';

const longestStem = 40;

export function runNow({ current }) {
  const { metadata, spec, apiVersion } = current();
  const { name, namespace } = metadata;
  const body = [h('p', null, 'This makes a Job from its template, beside the schedule.'),
    sameAs(`kubectl create job ${name}-manual --from=cronjob/${name} -n ${namespace}`)];
  ask(`Run ${name} now?`, body, 'Run', async () => {
    const owner = { apiVersion, kind: 'CronJob', name, uid: metadata.uid, controller: true };
    const job = await post(apiPath(findResource('batch', 'jobs'), namespace), {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        generateName: `${name.slice(0, longestStem)}-manual-`,
        labels: spec.jobTemplate.metadata?.labels,
        annotations: { ...spec.jobTemplate.metadata?.annotations, 'cronjob.kubernetes.io/instantiate': 'manual' },
        ownerReferences: [owner],
      },
      spec: spec.jobTemplate.spec,
    });
    toast(`Started the job ${job.metadata.name}`);
  });
}
