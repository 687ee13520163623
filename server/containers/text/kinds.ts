import { podPaths } from '../../sites/pod-templates';

/** What is known of the kinds that apps are made of (Kubernetes API reference, stable groups). */
export interface KnownKind {
  /** The one that every cluster of our time has. */
  apiVersion: string;
  /** Earlier ones, which newer clusters no longer take. */
  former: readonly string[];
  /** Paths that must be there, with dots. */
  required: readonly string[];
  /** Where the template of its pods lies; empty string for a pod itself. */
  pod?: string | undefined;
  /** Belongs to no namespace, so it outlives what was deployed and touches others. */
  clusterWide?: boolean | undefined;
}

const workload = ['spec.selector', 'spec.template.spec.containers'];
const extensions = ['extensions/v1beta1', 'apps/v1beta1', 'apps/v1beta2'];

export const knownKinds: Readonly<Record<string, KnownKind>> = {
  Deployment: { apiVersion: 'apps/v1', former: extensions, required: workload, pod: podPaths.Deployment },
  StatefulSet: {
    apiVersion: 'apps/v1',
    former: extensions,
    required: [...workload, 'spec.serviceName'],
    pod: podPaths.StatefulSet,
  },
  DaemonSet: { apiVersion: 'apps/v1', former: extensions, required: workload, pod: podPaths.DaemonSet },
  ReplicaSet: { apiVersion: 'apps/v1', former: extensions, required: workload, pod: podPaths.ReplicaSet },
  Job: {
    apiVersion: 'batch/v1',
    former: [],
    required: ['spec.template.spec.containers', 'spec.template.spec.restartPolicy'],
    pod: podPaths.Job,
  },
  CronJob: {
    apiVersion: 'batch/v1',
    // Stable since Kubernetes 1.21; the older form is all that 1.20 has.
    former: ['batch/v1beta1', 'batch/v2alpha1'],
    required: ['spec.schedule', 'spec.jobTemplate.spec.template.spec.containers'],
    pod: podPaths.CronJob,
  },
  Pod: { apiVersion: 'v1', former: [], required: ['spec.containers'], pod: podPaths.Pod },
  Service: { apiVersion: 'v1', former: [], required: ['spec'] },
  ConfigMap: { apiVersion: 'v1', former: [], required: [] },
  Secret: { apiVersion: 'v1', former: [], required: [] },
  ServiceAccount: { apiVersion: 'v1', former: [], required: [] },
  PersistentVolumeClaim: {
    apiVersion: 'v1',
    former: [],
    required: ['spec.accessModes', 'spec.resources.requests.storage'],
  },
  Ingress: {
    apiVersion: 'networking.k8s.io/v1',
    former: ['extensions/v1beta1', 'networking.k8s.io/v1beta1'],
    required: ['spec'],
  },
  NetworkPolicy: {
    apiVersion: 'networking.k8s.io/v1',
    former: ['extensions/v1beta1'],
    required: ['spec.podSelector'],
  },
  Role: { apiVersion: 'rbac.authorization.k8s.io/v1', former: [], required: ['rules'] },
  RoleBinding: { apiVersion: 'rbac.authorization.k8s.io/v1', former: [], required: ['roleRef'] },
  HorizontalPodAutoscaler: {
    apiVersion: 'autoscaling/v1',
    former: ['autoscaling/v2beta1', 'autoscaling/v2beta2'],
    required: ['spec.scaleTargetRef', 'spec.maxReplicas'],
  },
  PodDisruptionBudget: { apiVersion: 'policy/v1', former: ['policy/v1beta1'], required: ['spec'] },
  Namespace: { apiVersion: 'v1', former: [], required: [], clusterWide: true },
  PersistentVolume: { apiVersion: 'v1', former: [], required: ['spec'], clusterWide: true },
  ClusterRole: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    former: [],
    required: [],
    clusterWide: true,
  },
  ClusterRoleBinding: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    former: [],
    required: ['roleRef'],
    clusterWide: true,
  },
};

/** Versions beside the stable one that are right as well, on clusters that have them. */
export const alsoRight: Readonly<Record<string, readonly string[]>> = {
  HorizontalPodAutoscaler: ['autoscaling/v2'],
  // Kubernetes 1.20 knows no other; a cluster that has dropped them says so itself.
  CronJob: ['batch/v1beta1'],
  PodDisruptionBudget: ['policy/v1beta1'],
};
