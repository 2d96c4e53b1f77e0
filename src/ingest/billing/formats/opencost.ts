import type { BillingFormat } from './billing-format.ts';

const amount = (name: string): string =>
  `coalesce(TRY_CAST(json_extract_string(allocation, '/${name}') AS DECIMAL(25,10)), 0)`;
const property = (name: string): string => `nullif(json_extract_string(allocation, '/properties/${name}'), '')`;
const time = (edge: 'start' | 'end'): string =>
  `CAST(TRY_CAST(json_extract_string(allocation, '/window/${edge}') AS TIMESTAMPTZ) AS TIMESTAMP)`;

/** OpenCost's names for what no workload asked for, and for volumes that no pod mounts. */
const special = `CASE WHEN name LIKE '%\\_\\_idle\\_\\_%' ESCAPE '\\' THEN 'kube:unallocated'
  WHEN name LIKE '%\\_\\_unallocated\\_\\_%' ESCAPE '\\' OR name LIKE '%\\_\\_unmounted\\_\\_%' ESCAPE '\\' THEN 'kube:system-overhead' END`;

/**
 * A saved answer of OpenCost's (or Kubecost's) allocation API: a list of time steps, each an object of allocations by
 * name. https://opencost.io/docs/integrations/api
 */
export const openCost: BillingFormat = {
  name: 'opencost',
  title: 'OpenCost allocation API answer',
  columnOf: (header) => (['data', 'minutes', 'totalCost', 'window'].includes(header) ? header : undefined),
  needed: ['data', 'minutes', 'totalCost', 'window'],
  csvTypes: {},
  neverEmpty: [],
  jsonTypes: { data: 'JSON' },
  jsonLayout: 'document',
  rows: () => ({
    from: `(SELECT entry.key AS name, entry.value AS allocation FROM (
      SELECT unnest(map_entries(TRY_CAST(step AS MAP(VARCHAR, JSON)))) AS entry FROM (
        SELECT unnest(CAST("data" AS JSON[])) AS step FROM source)))`,
    columns: {
      ChargePeriodStart: time('start'),
      ChargePeriodEnd: time('end'),
      BillingCurrency: '$currency',
      BilledCost: amount('totalCost'),
      EffectiveCost: amount('totalCost'),
      ListCost: amount('totalCost'),
      ContractedCost: amount('totalCost'),
      ChargeCategory: `'Usage'`,
      ProviderName: `'OpenCost'`,
      ServiceName: `'Kubernetes'`,
      ResourceName: `coalesce(${property('pod')}, ${property('controller')})`,
      Tags: `CAST(json_merge_patch('{}', json_object('k8s-cluster-name', ${property('cluster')},
        'k8s-namespace', coalesce(${special}, ${property('namespace')}),
        'k8s-workload-name', coalesce(${special}, ${property('controller')}, ${property('pod')}),
        'k8s-workload-type', ${property('controllerKind')})) AS VARCHAR)`,
      BillingPeriodStart: `date_trunc('month', ${time('start')})`,
      SubAccountId: property('cluster'),
    },
  }),
};
