// The smallest useful object of the kinds people write by hand, without the names every object has.

const labels = { app: 'example' };
const container = { name: 'main', image: 'nginx' };
const template = { metadata: { labels }, spec: { containers: [container] } };
const greeter = { name: 'main', image: 'busybox', args: ['echo', 'hello'] };
const once = { spec: { restartPolicy: 'Never', containers: [greeter] } };
const selector = { matchLabels: labels };

export const examples = {
  Pod: { spec: { containers: [container] } },
  Deployment: { spec: { replicas: 2, selector, template } },
  ReplicaSet: { spec: { replicas: 2, selector, template } },
  StatefulSet: { spec: { replicas: 2, serviceName: 'example', selector, template } },
  DaemonSet: { spec: { selector, template } },
  Job: { spec: { template: once } },
  CronJob: { spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: once } } } },
  Service: { spec: { selector: labels, ports: [{ port: 80, targetPort: 80 }] } },
  ConfigMap: { data: { key: 'value' } },
  Secret: { stringData: { key: 'value' } },
  Namespace: {},
  ServiceAccount: {},
  PersistentVolumeClaim: {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
  Ingress: {
    spec: {
      rules: [{
        host: 'example.com',
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'example', port: { number: 80 } } } }],
        },
      }],
    },
  },
  PriorityClass: { value: 1000 },
};
