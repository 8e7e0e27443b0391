// Where each kind stands in the side bar, and what an empty list of it teaches. Which there are, discovery says.

/** Sections by the names of resources; those of no section come under "More", custom ones under "Custom". */
export const sections = [
  ['Workloads', ['pods', 'deployments', 'statefulsets', 'daemonsets', 'jobs', 'cronjobs', 'replicasets',
    'replicationcontrollers', 'horizontalpodautoscalers']],
  ['Network', ['services', 'ingresses', 'endpointslices', 'networkpolicies', 'ingressclasses']],
  ['Config', ['configmaps', 'secrets', 'resourcequotas', 'limitranges', 'poddisruptionbudgets', 'priorityclasses']],
  ['Storage', ['persistentvolumeclaims', 'persistentvolumes', 'storageclasses']],
  ['Access', ['serviceaccounts', 'roles', 'rolebindings', 'clusterroles', 'clusterrolebindings',
    'certificatesigningrequests']],
  ['Cluster', ['nodes', 'namespaces', 'events', 'leases', 'customresourcedefinitions']],
];

const create = (words) => [`kubectl create ${words}`];
const explain = (word) => [`kubectl explain ${word}.spec`];

/** A command that makes the first one of a kind. */
export const firstSteps = {
  pods: ['kubectl run web --image=nginx'],
  deployments: create('deployment web --image=nginx --replicas=3'),
  statefulsets: explain('statefulset'),
  daemonsets: explain('daemonset'),
  replicasets: create('deployment web --image=nginx'),
  jobs: create('job hello --image=busybox -- echo hello'),
  cronjobs: create("cronjob tick --image=busybox --schedule='*/5 * * * *' -- date"),
  horizontalpodautoscalers: ['kubectl autoscale deployment web --min=2 --max=5 --cpu=80%'],
  services: ['kubectl expose deployment web --port=80'],
  ingresses: create("ingress web --rule='example.com/*=web:80'"),
  networkpolicies: explain('networkpolicy'),
  configmaps: create('configmap settings --from-literal=colour=teal'),
  secrets: create('secret generic login --from-literal=password=swift'),
  resourcequotas: create('quota small --hard=pods=10,requests.cpu=4'),
  limitranges: explain('limitrange'),
  poddisruptionbudgets: create('poddisruptionbudget web --selector=app=web --min-available=1'),
  priorityclasses: create('priorityclass high --value=1000'),
  persistentvolumeclaims: explain('persistentvolumeclaim'),
  persistentvolumes: explain('persistentvolume'),
  serviceaccounts: create('serviceaccount builder'),
  roles: create('role reader --verb=get,list,watch --resource=pods'),
  rolebindings: create('rolebinding readers --role=reader --serviceaccount=default:builder'),
  namespaces: create('namespace staging'),
  nodes: ['swiftlet up --nodes 3'],
  events: ['kubectl get events --watch'],
  customresourcedefinitions: ['kubectl apply -f crd.yaml'],
};

/** One sentence on what a kind is for. */
export const meanings = {
  pods: 'A pod is one or more containers that run together on a node.',
  deployments: 'A Deployment keeps a number of identical pods running and rolls out changes to them.',
  statefulsets: 'A StatefulSet runs pods that keep their name and their storage.',
  daemonsets: 'A DaemonSet runs one pod on every node that matches.',
  replicasets: 'A ReplicaSet keeps a number of pods. Deployments make one for each revision.',
  replicationcontrollers: 'A ReplicationController keeps a number of pods, as people did before Deployments.',
  horizontalpodautoscalers: 'An autoscaler changes the number of replicas as their load changes.',
  jobs: 'A Job runs pods until enough of them have succeeded.',
  cronjobs: 'A CronJob starts a Job on a schedule.',
  services: 'A Service gives a set of pods one stable address.',
  ingresses: 'An Ingress routes HTTP requests from outside to Services.',
  ingressclasses: 'An IngressClass names the controller that serves Ingresses.',
  networkpolicies: 'A NetworkPolicy says who may talk to a set of pods.',
  endpointslices: 'EndpointSlices hold the addresses of the pods behind a Service.',
  configmaps: 'A ConfigMap holds settings that pods read as files or variables.',
  secrets: 'A Secret holds values that pods need and others should not see.',
  resourcequotas: 'A ResourceQuota limits what a namespace may use in total.',
  limitranges: 'A LimitRange sets defaults and bounds for what single pods ask for.',
  poddisruptionbudgets: 'A disruption budget keeps enough pods running while nodes are drained.',
  priorityclasses: 'A PriorityClass says which pods go first when room is short.',
  persistentvolumeclaims: 'A claim asks for storage that outlives a pod.',
  persistentvolumes: 'A PersistentVolume is a piece of storage that a claim can have.',
  storageclasses: 'A StorageClass names a way to make volumes for claims.',
  serviceaccounts: 'A ServiceAccount is who a pod is when it talks to the API.',
  roles: 'A Role lists what may be done inside one namespace.',
  rolebindings: 'A RoleBinding gives a role to users, groups or service accounts of a namespace.',
  clusterroles: 'A ClusterRole lists what may be done in the whole cluster.',
  clusterrolebindings: 'A ClusterRoleBinding gives a cluster role to users, groups or service accounts.',
  certificatesigningrequests: 'A signing request asks the cluster for a client or serving certificate.',
  nodes: 'A node is a machine that runs pods. Here, nodes are simulated.',
  namespaces: 'A namespace keeps names apart and is what quotas and roles are given for.',
  leases: 'A Lease tells that its holder is alive: nodes and leaders renew theirs.',
  events: 'Events tell what the cluster did lately. They are kept for about an hour.',
  customresourcedefinitions: 'A CustomResourceDefinition adds a kind of your own to the API.',
};
