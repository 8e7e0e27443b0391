// Where the fields of a kind are shown, and which kinds a field speaks of.

import { findResource } from '../discovery.js';
import { href } from '../router.js';

/** The page of a group version, a kind of it, or a field of that; `current` is { id } as "apps.v1". */
export const place = (current, kind, path = []) =>
  href(['explain', kind ? `${current.id}.${kind}` : current.id, ...path]);

export const idOf = ({ group, version }) => `${group || 'core'}.${version}`;

const byField = {
  serviceAccountName: 'core/serviceaccounts', nodeName: 'core/nodes', claimName: 'core/persistentvolumeclaims',
  claimRef: 'core/persistentvolumeclaims', volumeName: 'core/persistentvolumes',
  persistentVolumeName: 'core/persistentvolumes', storageClassName: 'storage.k8s.io/storageclasses',
  ingressClassName: 'networking.k8s.io/ingressclasses', priorityClassName: 'scheduling.k8s.io/priorityclasses',
  runtimeClassName: 'node.k8s.io/runtimeclasses', secretName: 'core/secrets', secretRef: 'core/secrets',
  secretKeyRef: 'core/secrets', secrets: 'core/secrets', imagePullSecrets: 'core/secrets',
  configMapRef: 'core/configmaps', configMapKeyRef: 'core/configmaps', configMap: 'core/configmaps',
  serviceName: 'core/services', scaleTargetRef: 'apps/deployments', nodeSelector: 'core/nodes',
  roleRef: 'rbac.authorization.k8s.io/roles', podSelector: 'core/pods', namespaceSelector: 'core/namespaces',
  namespace: 'core/namespaces', volumeAttributesClassName: 'storage.k8s.io/volumeattributesclasses',
  resourceClaimName: 'resource.k8s.io/resourceclaims',
  resourceClaimTemplateName: 'resource.k8s.io/resourceclaimtemplates',
  deviceClassName: 'resource.k8s.io/deviceclasses',
};
const byType = {
  PodTemplateSpec: 'core/pods', JobTemplateSpec: 'batch/jobs',
  PersistentVolumeClaimVolumeSource: 'core/persistentvolumeclaims', SecretVolumeSource: 'core/secrets',
  ConfigMapVolumeSource: 'core/configmaps', IngressServiceBackend: 'core/services',
  PersistentVolumeClaim: 'core/persistentvolumeclaims', PersistentVolumeClaimTemplate: 'core/persistentvolumeclaims',
};

/** The kind whose objects a field names, holds or chooses, or undefined. */
export function linkedKind(name, type) {
  const found = byType[type.replace(/^(\[\]|map\[string\])/, '')] ?? byField[name];
  return found && findResource(...found.split('/'));
}
