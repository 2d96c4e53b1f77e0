import { readRows, type Ledger } from '../../ledger/index.ts';
import type { RateCard } from './load-rate-card.ts';

/**
 * One charge for each node, model and hour in which the metrics saw its GPUs: price by GPUs seen, and their energy. A GPU
 * that several pods or MIG instances share is one GPU. Energy is the counter's rise in the hour, else the mean power.
 * Prices and tags are bound. Returns the number of rows.
 */
export async function insertRateCardRows(ledger: Ledger, card: RateCard, sourceId: number): Promise<number> {
  const models = card.gpuHourPrices.map((_, index) => `($model_${index}, CAST($price_${index} AS DECIMAL(25,10)))`);
  const clusters = card.clusters?.map((_, index) => `$cluster_${index}`);
  const rows = await readRows(
    ledger.connection,
    `INSERT INTO billing_source_row BY NAME
     WITH price(model, price_per_hour) AS (VALUES ${models.join(', ')}),
     gpu AS (
       SELECT cluster, hostname, gpu, max(model) AS model, hour,
         greatest(max(energy_max) - min(energy_min), 0) / 3.6e9 AS counted_kwh,
         CAST(max(power_sum / nullif(power_samples, 0)) AS DOUBLE) / 1000 AS mean_kwh
       FROM gpu_hour WHERE hostname <> '' ${clusters === undefined ? '' : `AND cluster IN (${clusters.join(', ')})`}
       GROUP BY cluster, hostname, gpu, hour),
     node AS (
       SELECT cluster, hostname, model, hour, count(*) AS gpus, price_per_hour,
         sum(coalesce(nullif(counted_kwh, 0), mean_kwh, 0)) AS kwh
       FROM gpu JOIN price USING (model) GROUP BY cluster, hostname, model, hour, price_per_hour),
     charge AS (
       SELECT *, CAST(price_per_hour * gpus + CAST(round(kwh * $price_per_kwh, 10) AS DECIMAL(25,10)) AS DECIMAL(25,10)) AS cost
       FROM node)
     SELECT $source_id AS source_id, hour AS "ChargePeriodStart", hour + INTERVAL 1 HOUR AS "ChargePeriodEnd",
       $currency AS "BillingCurrency", cost AS "BilledCost", cost AS "EffectiveCost", cost AS "ListCost",
       cost AS "ContractedCost", 'Usage' AS "ChargeCategory", 'Standard' AS "PricingCategory", 1.0 AS "PricingQuantity",
       'Hours' AS "PricingUnit", 'rate card' AS "ProviderName", 'GPU machines' AS "ServiceName", hostname AS "ResourceName",
       model AS "SkuId", gpus || ' x ' || model AS instance_type,
       CASE WHEN cluster <> '' THEN CAST(json_object('k8s-cluster-name', cluster) AS VARCHAR) END AS "Tags",
       date_trunc('month', hour) AS "BillingPeriodStart"
     FROM charge RETURNING 1 AS one`,
    {
      source_id: sourceId,
      currency: card.currency,
      price_per_kwh: (card.power?.pricePerKwh ?? 0) * (card.power?.pueRatio ?? 1),
      ...Object.fromEntries(card.gpuHourPrices.map(({ model }, index) => [`model_${index}`, model])),
      ...Object.fromEntries(
        card.gpuHourPrices.map(({ pricePerHour }, index) => [`price_${index}`, String(pricePerHour)]),
      ),
      ...Object.fromEntries((card.clusters ?? []).map((cluster, index) => [`cluster_${index}`, cluster])),
    },
  );
  return rows.length;
}

/** Models that the metrics name on the card's clusters and that have no price. */
export async function unpricedModels(ledger: Ledger, card: RateCard): Promise<readonly string[]> {
  const rows = await readRows(
    ledger.connection,
    `SELECT DISTINCT cluster, model FROM gpu_hour WHERE hostname <> '' AND model <> '' ORDER BY model`,
  );
  const priced = new Set(card.gpuHourPrices.map(({ model }) => model));
  const isOwned = (cluster: string): boolean => card.clusters === undefined || card.clusters.includes(cluster);
  return [
    ...new Set(
      rows
        .filter((row) => isOwned(row.text('cluster')) && !priced.has(row.text('model')))
        .map((row) => row.text('model')),
    ),
  ];
}
