import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { epochMs } from '../../src/domain/index.ts';
import { ingestMetrics } from '../../src/ingest/metrics/index.ts';
import { readRows } from '../../src/ledger/index.ts';
import {
  attributeMonth,
  aWorkload,
  day,
  gpuLabels,
  openMetrics,
  start,
  withLedger,
  type Sample,
} from '../ledger/worlds.ts';

const pod = { cluster: 'prod', namespace: 'inference', pod: 'clip-server-6d4f9c7b8-x7k2p' };
const minute = 60_000;

interface Hour {
  readonly measure: string;
  readonly hour: string;
  readonly sum: number;
  readonly samples: number;
  readonly seconds: number | undefined;
}

async function hoursOf(samples: readonly Sample[]): Promise<readonly Hour[]> {
  return withLedger(async (ledger, folder) => {
    const file = path.join(folder, 'pods.om');
    await writeFile(file, openMetrics(samples));
    await ingestMetrics(ledger, {
      sources: [{ kind: 'files', path: file, format: 'auto', cluster: undefined }],
      window: { start, end: epochMs(start + day) },
      now: () => start + day,
    });
    const rows = await readRows(
      ledger.connection,
      `SELECT measure, strftime(hour, '%H:%M') AS hour, sum(value_sum)::DOUBLE AS sum, sum(samples)::BIGINT AS samples,
         sum(covered_seconds)::DOUBLE AS seconds
       FROM serving_hour GROUP BY measure, hour ORDER BY measure, hour`,
    );
    return rows.map((row) => ({
      measure: row.text('measure'),
      hour: row.text('hour'),
      sum: row.number('sum'),
      samples: row.number('samples'),
      seconds: row.optionalNumber('seconds'),
    }));
  });
}

function series(
  metric: string,
  values: readonly (readonly [minutes: number, value: number])[],
  labels: Readonly<Record<string, string>> = {},
): readonly Sample[] {
  return values.map(([minutes, value]) => ({
    metric,
    labels: { ...pod, ...labels },
    value,
    at: start + minutes * minute,
  }));
}

describe('counters', () => {
  test('an hour counts from the last sample of the hour before to its own last, at the full hour included', async () => {
    const hours = await hoursOf(
      series('tgi_request_success', [
        [30, 100],
        [60, 160],
        [90, 190],
        [120, 200],
        [150, 260],
      ]),
    );

    expect(hours).toEqual([
      { measure: 'requests', hour: '00:00', sum: 60, samples: 2, seconds: 1800 },
      { measure: 'requests', hour: '01:00', sum: 40, samples: 2, seconds: 3600 },
      { measure: 'requests', hour: '02:00', sum: 60, samples: 1, seconds: 1800 },
    ]);
  });

  test('a restart begins at zero, within an hour and between hours', async () => {
    const hours = await hoursOf(
      series('tgi_request_success', [
        [10, 50],
        [20, 5],
        [50, 9],
        [70, 2],
        [110, 30],
      ]),
    );

    expect(hours.map(({ sum }) => sum)).toEqual([9, 30]);
  });

  test('nothing is counted over hours without samples', async () => {
    const hours = await hoursOf(
      series('tgi_request_success', [
        [10, 50],
        [50, 60],
        [190, 1000],
        [230, 1010],
      ]),
    );

    expect(hours.map(({ hour, sum, seconds }) => [hour, sum, seconds])).toEqual([
      ['00:00', 10, 2400],
      ['03:00', 10, 2400],
    ]);
  });
});

describe('what is measured of a pod', () => {
  const twice = [
    [10, 0],
    [50, 3_000_000],
  ] as const;

  test.each([
    ['nv_inference_queue_duration_us', {}, 'queue_seconds', 3],
    ['nv_inference_compute_infer_duration_us', {}, 'compute_seconds', 3],
    ['vllm:e2e_request_latency_seconds_sum', {}, 'latency_seconds', 3_000_000],
    ['istio_requests_total', { reporter: 'destination' }, 'proxy_requests', 3_000_000],
    ['istio_request_duration_milliseconds_sum', { reporter: 'destination' }, 'proxy_latency_seconds', 3000],
    ['container_cpu_usage_seconds_total', { container: 'server' }, 'cpu_seconds', 3_000_000],
    ['container_network_receive_bytes_total', { interface: 'eth0' }, 'network_receive_bytes', 3_000_000],
    ['container_memory_working_set_bytes', { container: 'server' }, 'memory_working_set_bytes', 3_000_000],
    ['kube_pod_container_resource_requests', { resource: 'cpu' }, 'cpu_request_cores', 3_000_000],
  ])('%s %o is %s', async (metric, labels, measure, sum) => {
    expect(await hoursOf(series(metric, twice, labels))).toMatchObject([{ measure, sum }]);
  });

  test.each([
    ['istio_requests_total', { reporter: 'source' }],
    ['container_cpu_usage_seconds_total', {}],
    ['container_cpu_usage_seconds_total', { container: 'POD' }],
    ['kube_pod_container_resource_requests', { resource: 'ephemeral_storage' }],
  ])('%s %o is counted elsewhere or nowhere', async (metric, labels) => {
    expect(await hoursOf(series(metric, twice, labels))).toEqual([]);
  });
});

describe('labels of dcgm-exporter', () => {
  async function places(samples: readonly Sample[]): Promise<readonly string[]> {
    return withLedger(async (ledger, folder) => {
      const file = path.join(folder, 'gpus.om');
      await writeFile(file, openMetrics(samples));
      await ingestMetrics(ledger, {
        sources: [{ kind: 'files', path: file, format: 'auto', cluster: undefined }],
        window: { start, end: epochMs(start + day) },
        now: () => start + day,
      });
      const rows = await readRows(
        ledger.connection,
        `SELECT DISTINCT concat_ws(' ', hostname, gpu, holder, namespace, pod) AS place FROM gpu_hour ORDER BY place`,
      );
      return rows.map((row) => row.text('place'));
    });
  }

  const gpu = { UUID: 'GPU-9', gpu: '1' };
  const at = (labels: Readonly<Record<string, string>>): Sample => ({
    metric: 'DCGM_FI_PROF_GR_ENGINE_ACTIVE',
    labels,
    value: 0.5,
    at: start + minute,
  });

  test.each([
    [{ Hostname: 'node-1', node: 'other', instance: '10.0.0.1:9400' }, 'node-1'],
    [{ hostname: 'node-2' }, 'node-2'],
    [{ node: 'node-3', instance: '10.0.0.1:9400' }, 'node-3'],
    [{ kubernetes_node: 'node-4' }, 'node-4'],
    [{ instance: '10.0.0.1:9400' }, '10.0.0.1'],
  ])('%o is on %s', async (labels, node) => {
    expect(await places([at({ ...gpu, ...labels, pod: 'a', namespace: 'b' })])).toEqual([`${node} GPU-9 pod b a`]);
  });

  test('exported labels win over the exporter’s own', async () => {
    const labels = { pod: 'dcgm-exporter-x', namespace: 'gpu-operator', exported_pod: 'a', exported_namespace: 'b' };

    expect(await places([at({ ...gpu, Hostname: 'n', ...labels })])).toEqual(['n GPU-9 pod b a']);
  });
});

describe('what the ledger makes of it', () => {
  async function usageOf(
    samples: readonly Sample[],
    workloads = [aWorkload(), aWorkload({ name: 'llama-chat' })],
  ): Promise<readonly string[]> {
    return withLedger(async (ledger, folder) => {
      const file = path.join(folder, 'gpus.om');
      await writeFile(file, openMetrics(samples));
      await ingestMetrics(ledger, {
        sources: [{ kind: 'files', path: file, format: 'auto', cluster: undefined }],
        window: { start, end: epochMs(start + day) },
        now: () => start + day,
      });
      const { usage } = await attributeMonth(ledger, workloads);
      return [...usage.values()].flatMap(({ workload, hours }) =>
        hours.map((hour) => `${workload.split('/').at(-1)} ${hour.gpuCount} ${hour.sharedGpuCount ?? 'not shared'}`),
      );
    });
  }

  const sm = (labels: Readonly<Record<string, string>>, minutes: readonly number[]): readonly Sample[] =>
    minutes.map((at) => ({
      metric: 'DCGM_FI_PROF_SM_ACTIVE',
      labels: gpuLabels(labels),
      value: 0.5,
      at: start + at * minute,
    }));
  const chat = { pod: 'llama-chat-5b6c7d8e9f-q2w3e' };

  test('a GPU with a copy of its samples for each of two pods is shared; one that changes hands is not', async () => {
    const minutes = [5, 35, 65, 95];

    expect(await usageOf([...sm({}, minutes), ...sm(chat, minutes)])).toEqual([
      'clip-server 1 1',
      'clip-server 1 1',
      'llama-chat 1 1',
      'llama-chat 1 1',
    ]);
    expect(await usageOf([...sm({}, [5]), ...sm(chat, [35, 65, 95])])).toEqual([
      'clip-server 1 not shared',
      'llama-chat 1 not shared',
      'llama-chat 1 not shared',
    ]);
  });

  test('one pod named of several that share a GPU is found by what the pods of the node ask for', async () => {
    const asks = (name: string, resource: string): readonly Sample[] => [
      { metric: 'kube_pod_info', labels: { ...pod, pod: name, node: 'node-1' }, value: 1, at: start + minute },
      {
        metric: 'kube_pod_container_resource_requests',
        labels: { ...pod, pod: name, resource },
        value: 1,
        at: start + minute,
      },
    ];
    const labelled = sm({}, [5, 15]);

    expect(await usageOf([...labelled, ...asks(pod.pod, 'nvidia_com_gpu')])).toEqual(['clip-server 1 not shared']);
    expect(
      await usageOf([...labelled, ...asks(pod.pod, 'nvidia_com_gpu'), ...asks(chat.pod, 'nvidia_com_gpu')]),
    ).toEqual(['clip-server 1 1']);
    expect(await usageOf([...labelled, ...asks(pod.pod, 'nvidia_com_gpu_shared')])).toEqual(['clip-server 1 1']);
  });

  test('a pod whose name says nothing is found by its owner', async () => {
    const odd = { ...pod, pod: 'trainer-0815' };
    const owners: readonly Sample[] = [
      {
        metric: 'kube_pod_owner',
        labels: { ...odd, owner_kind: 'ReplicaSet', owner_name: 'rs-1' },
        value: 1,
        at: start + minute,
      },
      {
        metric: 'kube_replicaset_owner',
        labels: {
          cluster: 'prod',
          namespace: 'inference',
          replicaset: 'rs-1',
          owner_kind: 'Deployment',
          owner_name: 'clip-server',
        },
        value: 1,
        at: start + minute,
      },
    ];

    expect(await usageOf(sm({ pod: odd.pod }, [5]))).toEqual([]);
    expect(await usageOf([...sm({ pod: odd.pod }, [5]), ...owners])).toEqual(['clip-server 1 not shared']);
  });
});
