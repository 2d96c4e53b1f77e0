import type { AddedKind, Problem } from '../domain/index.ts';
import { locate, toProblem, type JsonSchema, type YamlDocument } from '../schema/index.ts';

/** Keys with dots between; `*` for every item, `\.` for a dot in a key, `[key=text]` for the items with that text. */
function fieldPath(description: string, example: string): JsonSchema {
  return {
    description,
    type: 'string',
    maxLength: 256,
    pattern: '^(?:[A-Za-z0-9_/*=,\\[\\]-]|\\\\\\.)+(?:\\.(?:[A-Za-z0-9_/*=,\\[\\]-]|\\\\\\.)+)*$',
    'x-expected': 'a path such as spec.template.spec, with "\\." for a dot in a key',
    examples: [example],
  };
}

/** The field `kinds` of the operator's configuration. */
export const addedKindsSchema: JsonSchema = {
  description:
    'Kinds of workloads that Flyball does not know by itself. One that it knows is read as it is described here. Fields are paths of keys with dots between: * is every item of a list or map, \\. a dot in a key, [key=text] the items whose key holds the text.',
  type: 'array',
  default: [],
  maxItems: 100,
  examples: [
    [
      {
        group: 'serving.example.com',
        versions: ['v1'],
        kind: 'ModelServer',
        podSpec: ['spec.template.spec'],
        replicas: 'spec.replicas',
        defaultReplicas: 1,
        pause: { lever: 'replicas', value: 0 },
      },
    ],
  ],
  items: {
    type: 'object',
    required: ['group', 'versions', 'kind', 'podSpec'],
    additionalProperties: false,
    properties: {
      group: {
        description: 'Group of the API, the part of apiVersion before the slash.',
        type: 'string',
        maxLength: 253,
        pattern: '^[a-z0-9]+(?:[.-][a-z0-9]+)*$',
        'x-expected': 'a group such as serving.example.com',
        examples: ['serving.example.com'],
      },
      versions: {
        description: 'Versions of the API; objects of other versions are not read.',
        type: 'array',
        minItems: 1,
        maxItems: 20,
        items: { type: 'string', pattern: '^v[0-9][a-z0-9]*$', maxLength: 63, 'x-expected': 'a version such as v1' },
        examples: [['v1', 'v1beta1']],
      },
      kind: {
        description: 'Kind of the objects.',
        type: 'string',
        maxLength: 63,
        pattern: '^[A-Za-z0-9]+$',
        'x-expected': 'letters and digits',
        examples: ['ModelServer'],
      },
      podSpec: {
        description:
          'Objects that hold containers, nodeSelector and affinity. Of several the one that asks for most GPUs counts.',
        type: 'array',
        minItems: 1,
        maxItems: 20,
        items: fieldPath('The object that holds the containers.', 'spec.template.spec'),
        examples: [['spec.template.spec']],
      },
      podLabels: fieldPath('Labels of the pods.', 'spec.template.metadata.labels'),
      replicas: fieldPath('How many run.', 'spec.replicas'),
      defaultReplicas: {
        description: 'How many run where nothing says so. Left out for kinds that run to completion.',
        type: 'integer',
        minimum: 0,
        maximum: 1000,
        'x-unit': 'replicas',
        examples: [1],
      },
      podsPerReplica: fieldPath('Pods in one replica, where a replica is a group of pods.', 'spec.size'),
      minReplicas: fieldPath(
        'Lower bound of an autoscaler of the kind itself. Goes with maxReplicas.',
        'spec.minReplicas',
      ),
      maxReplicas: fieldPath(
        'Upper bound of an autoscaler of the kind itself. Goes with minReplicas.',
        'spec.maxReplicas',
      ),
      suspend: fieldPath('A field that stops the workload where it is true; false where it is absent.', 'spec.suspend'),
      schedule: fieldPath('When it runs.', 'spec.schedule'),
      pause: {
        description: 'The safe way to stop it. Left out: Flyball never proposes to pause the kind.',
        type: 'object',
        required: ['lever', 'value'],
        additionalProperties: false,
        properties: {
          lever: {
            description: 'Which of the fields above stops it.',
            type: 'string',
            enum: ['replicas', 'minReplicas', 'suspend'],
            examples: ['replicas'],
          },
          value: {
            description: 'What it is set to: 0 for a count, true for suspend.',
            enum: [0, true],
            examples: [0],
          },
        },
      },
    },
  },
};

/** An added kind as the schema lets it through: which fields go together is not checked yet. */
export type ValidAddedKind = Omit<AddedKind, 'pause'> & {
  readonly pause?: { readonly lever: 'replicas' | 'minReplicas' | 'suspend'; readonly value: 0 | true };
};

/** A kind and what is wrong with it. */
export function readAddedKinds(
  valid: readonly ValidAddedKind[],
  yaml: YamlDocument,
): { readonly kinds: readonly AddedKind[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const kinds = valid.flatMap((added, index): readonly AddedKind[] => {
    const { pause, ...rest } = added;
    const report = (field: readonly string[], message: string, remedy: string): readonly AddedKind[] => {
      const { valueOffset } = locate(yaml.document, ['kinds', index, ...field]);
      const see = `See docs/configuration.md, "kinds.${field.join('.')}".`;
      problems.push(
        toProblem(yaml.source, { offset: valueOffset, code: 'CONFIG_INVALID', message, remedy: `${remedy} ${see}` }),
      );
      return [];
    };
    const first = valid.findIndex((other) => other.group === added.group && other.kind === added.kind);
    const doubled = index === first ? [] : added.versions.filter((version) => valid[first]?.versions.includes(version));
    if (doubled.length > 0) {
      return report(['kind'], `kinds has ${added.kind} of ${added.group}/${doubled[0]} twice`, 'Remove one.');
    }
    const lonely =
      (added.minReplicas === undefined) === (added.maxReplicas === undefined)
        ? undefined
        : added.minReplicas === undefined
          ? 'maxReplicas'
          : 'minReplicas';
    if (lonely !== undefined) {
      return report(
        [lonely],
        `${lonely} of ${added.kind} stands alone`,
        'Give both minReplicas and maxReplicas, or none.',
      );
    }
    if (pause === undefined) return [rest];
    if (added[pause.lever] === undefined) {
      const message = `${added.kind} is paused by ${pause.lever}, which has no field here`;
      return report(['pause', 'lever'], message, `Give ${pause.lever} its field, or choose another lever.`);
    }
    if (pause.lever === 'suspend') {
      return pause.value === true
        ? [{ ...rest, pause: { lever: pause.lever, value: pause.value } }]
        : report(['pause', 'value'], `suspend of ${added.kind} is paused by ${pause.value}`, 'Write true.');
    }
    return pause.value === 0
      ? [{ ...rest, pause: { lever: pause.lever, value: pause.value } }]
      : report(['pause', 'value'], `${pause.lever} of ${added.kind} is paused by ${pause.value}`, 'Write 0.');
  });
  return { kinds, problems };
}
