import { expect, test } from 'vitest';
import { findLever } from '../../src/domain/index.ts';
import { editField } from '../../src/gitops/index.ts';
import { anInventory } from './temporary-repository.ts';

const file = 'clusters/prod/nightly.yaml';

function aCronWorkflow(schedule: string): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
metadata:
  name: nightly
  namespace: ml
spec:
${schedule}
  workflowSpec:
    templates:
    - name: caption
      container:
        resources:
          limits:
            nvidia.com/gpu: 1
`;
}

async function scheduleOf(text: string) {
  const { workloads } = await anInventory({ [file]: text });
  const [workload] = workloads;
  return workload === undefined ? undefined : findLever(workload, 'schedule');
}

test.each([
  ['a single schedule', '  schedule: "0 5 * * *"'],
  ['a list of one schedule', '  schedules:\n  - "0 5 * * *"'],
])('%s of a CronWorkflow is read and edited', async (_, schedule) => {
  const text = aCronWorkflow(schedule);
  const lever = await scheduleOf(text);

  expect(lever).toMatchObject({ current: '0 5 * * *', field: { kind: 'editable' } });
  const field = lever?.field.kind === 'editable' ? lever.field.field : undefined;
  const edited = field === undefined ? undefined : editField(text, field, '0 7 * * *');
  expect(edited).toEqual({ kind: 'edited', text: text.replace('0 5', '0 7') });
});

test('several schedules of a CronWorkflow are no single lever, until a comment marks one', async () => {
  const several = '  schedules:\n  - "0 5 * * *"\n  - "0 9 * * *"';

  expect(await scheduleOf(aCronWorkflow(several))).toMatchObject({
    field: { kind: 'not-editable', reason: 'unsupported-value' },
  });
  expect(await scheduleOf(aCronWorkflow(`${several} # flyball: schedule`))).toMatchObject({
    current: '0 9 * * *',
    field: { kind: 'editable' },
  });
});
