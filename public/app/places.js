// What stands in the side bar, and what an empty list of each kind teaches. Everything else is found by discovery.

export const sections = [
  ['Workloads', ['core/pods', 'apps/deployments', 'apps/statefulsets', 'apps/daemonsets', 'batch/jobs',
    'batch/cronjobs', 'apps/replicasets']],
  ['Network', ['core/services', 'networking.k8s.io/ingresses', 'discovery.k8s.io/endpointslices']],
  ['Config', ['core/configmaps', 'core/secrets']],
  ['Storage', ['core/persistentvolumeclaims', 'core/persistentvolumes']],
  ['Cluster', ['core/nodes', 'core/namespaces', 'core/events']],
];

const create = (words) => [`kubectl create ${words}`];

/** A command that makes the first one of a kind. */
export const firstSteps = {
  pods: ['kubectl run web --image=nginx'],
  deployments: create('deployment web --image=nginx --replicas=3'),
  statefulsets: ['kubectl explain statefulset.spec', 'kubectl apply -f statefulset.yaml'],
  daemonsets: ['kubectl explain daemonset.spec', 'kubectl apply -f daemonset.yaml'],
  replicasets: create('deployment web --image=nginx'),
  jobs: create('job hello --image=busybox -- echo hello'),
  cronjobs: create("cronjob tick --image=busybox --schedule='*/5 * * * *' -- date"),
  services: ['kubectl expose deployment web --port=80'],
  ingresses: create("ingress web --rule='example.com/*=web:80'"),
  configmaps: create('configmap settings --from-literal=colour=teal'),
  secrets: create('secret generic login --from-literal=password=swift'),
  persistentvolumeclaims: ['kubectl explain persistentvolumeclaim.spec'],
  persistentvolumes: ['kubectl explain persistentvolume.spec'],
  namespaces: create('namespace staging'),
  nodes: ['kubectl get nodes'],
  events: ['kubectl get events --watch'],
  serviceaccounts: create('serviceaccount builder'),
  customresourcedefinitions: ['kubectl apply -f crd.yaml'],
};

/** One sentence on what a kind is for, shown when there is none of it. */
export const meanings = {
  pods: 'A pod is one or more containers that run together on a node.',
  deployments: 'A Deployment keeps a number of identical pods running and rolls out changes to them.',
  statefulsets: 'A StatefulSet runs pods that keep their name and their storage.',
  daemonsets: 'A DaemonSet runs one pod on every node that matches.',
  replicasets: 'ReplicaSets are made by Deployments, one for each revision.',
  jobs: 'A Job runs pods until enough of them have succeeded.',
  cronjobs: 'A CronJob starts a Job on a schedule.',
  services: 'A Service gives a set of pods one stable address.',
  ingresses: 'An Ingress routes HTTP requests from outside to Services.',
  configmaps: 'A ConfigMap holds settings that pods read as files or variables.',
  secrets: 'A Secret holds values that pods need and others should not see.',
  persistentvolumeclaims: 'A claim asks for storage that outlives a pod.',
  events: 'Events tell what the cluster did lately. They are kept for about an hour.',
};
