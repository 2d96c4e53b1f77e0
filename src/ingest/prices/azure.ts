import type { PriceKind } from '../../catalogue/index.ts';
import type { Progress } from '../../domain/index.ts';
import { askJson, withPriceList, type AskOptions, type PriceList } from './ask.ts';
import { hoursPerYear, type PriceRow } from './price-rows.ts';

interface Item {
  readonly currencyCode: string;
  readonly retailPrice: number;
  readonly armRegionName: string;
  readonly productName: string;
  readonly skuName: string;
  readonly unitOfMeasure: string;
  readonly type: string;
  readonly reservationTerm?: string;
  readonly effectiveStartDate?: string;
}

/**
 * Linux prices of the Azure Retail Prices API, type by type and page by page.
 * https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices
 * @throws ProblemError SOURCE_UNREACHABLE.
 */
export async function azurePrices(
  list: PriceList,
  instanceTypes: readonly string[],
  options: AskOptions & { readonly progress: Progress },
): Promise<readonly PriceRow[]> {
  return withPriceList(list, options, async (endpoint) => {
    const rows: PriceRow[] = [];
    for (const [index, instanceType] of instanceTypes.entries()) {
      options.progress.step(index, instanceTypes.length, instanceType);
      const items: Item[] = [];
      let form: URLSearchParams | undefined = new URLSearchParams({
        'api-version': '2023-01-01-preview',
        $filter: `serviceName eq 'Virtual Machines' and armSkuName eq '${instanceType}'`,
      });
      while (form !== undefined) {
        const page: Readonly<Record<string, unknown>> = await askJson(
          endpoint,
          { path: '/api/retail/prices', form },
          options,
        );
        if (Array.isArray(page['Items'])) items.push(...(page['Items'] as Item[]));
        form = nextPage(page['NextPageLink']);
      }
      const begun = items.filter(
        ({ effectiveStartDate = '' }) => !(Date.parse(effectiveStartDate) > options.pacing.now()),
      );
      const sorted = begun.toSorted((left, right) =>
        (left.effectiveStartDate ?? '') < (right.effectiveStartDate ?? '') ? -1 : 1,
      );
      rows.push(...sorted.flatMap((item) => toRow(instanceType, item)));
    }
    return rows;
  });
}

/** Of the address of the next page only its parameters are taken: the configured server is asked again. */
function nextPage(link: unknown): URLSearchParams | undefined {
  return typeof link === 'string' && URL.canParse(link) ? new URL(link).searchParams : undefined;
}

function toRow(instanceType: string, item: Item): readonly PriceRow[] {
  const isOurs =
    item.currencyCode === 'USD' &&
    !/windows|cloud services/i.test(item.productName) &&
    !/low priority/i.test(item.skuName) &&
    item.retailPrice > 0;
  const priced = isOurs ? kindOf(item) : undefined;
  return priced === undefined ? [] : [{ instanceType, region: item.armRegionName, ...priced }];
}

/** A reservation is priced for its whole term. */
function kindOf(item: Item): { readonly kind: PriceKind; readonly usdPerHour: number } | undefined {
  if (item.type === 'Consumption' && item.unitOfMeasure === '1 Hour')
    return { kind: /spot/i.test(item.skuName) ? 'spot' : 'on-demand', usdPerHour: item.retailPrice };
  if (item.type !== 'Reservation') return undefined;
  if (item.reservationTerm === '1 Year') return { kind: 'reserved-1y', usdPerHour: item.retailPrice / hoursPerYear };
  if (item.reservationTerm === '3 Years')
    return { kind: 'reserved-3y', usdPerHour: item.retailPrice / (3 * hoursPerYear) };
  return undefined;
}
