import type { AddedKind } from '../../domain/index.ts';
import type { WorkloadKind } from './row-types.ts';

/** A kind of the configuration as a row of the catalogue. */
export function addedKind(added: AddedKind): WorkloadKind {
  const { podSpec, podLabels, replicas, defaultReplicas, podsPerReplica, schedule, pause } = added;
  const { minReplicas, maxReplicas, suspend } = added;
  return {
    group: added.group,
    versions: added.versions,
    kind: added.kind,
    source: 'the configuration',
    pods: podSpec.map((path) => ({ podSpec: path })),
    otherOwners: [],
    ...(podLabels === undefined ? {} : { podLabels }),
    ...(replicas === undefined ? {} : { replicas }),
    ...(defaultReplicas === undefined ? {} : { defaultReplicas }),
    ...(podsPerReplica === undefined ? {} : { podsPerReplica }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(suspend === undefined ? {} : { suspend: { kind: 'field', field: suspend, whenAbsent: false } as const }),
    ...(pause === undefined ? {} : { pause: { lever: pause.lever, pausedValue: pause.value } }),
    ...(minReplicas === undefined || maxReplicas === undefined
      ? {}
      : {
          bounds: {
            minReplicas,
            maxReplicas,
            ...(defaultReplicas === undefined ? {} : { defaultMinReplicas: defaultReplicas }),
          },
        }),
  };
}
