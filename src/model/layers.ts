import { limitForms } from './limit-forms.ts';

/** The barriers between a run and its host, by the names that people write and results tell. */
export const layerNames = [
  'mount_namespace',
  'pid_namespace',
  'network_namespace',
  'ipc_namespace',
  'uts_namespace',
  'cgroup_namespace',
  'read_only_root',
  'private_tmp',
  'private_devices',
  'masked_proc',
  'no_new_privileges',
  'no_capabilities',
  'no_groups',
  'seccomp',
  'own_session',
  'clean_environment',
  'umask',
  'no_core_dumps',
] as const;
export type LayerName = (typeof layerNames)[number];

/** What a jail's `optional` can name: a run needs all of it where the jail does not give it up. */
export const optionalNames: readonly string[] = [...layerNames, ...Object.keys(limitForms)];
