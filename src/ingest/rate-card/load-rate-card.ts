import { parseYaml, validateParsed } from '../../schema/index.ts';
import { currencyCode, type CurrencyCode, type Problem } from '../../domain/index.ts';
import { rateCardSchema } from './rate-card-schema.ts';

/** What owned GPUs cost. */
export interface RateCard {
  readonly currency: CurrencyCode;
  /** Undefined: the nodes of every cluster in the metrics. */
  readonly clusters: readonly string[] | undefined;
  readonly gpuHourPrices: readonly { readonly model: string; readonly pricePerHour: number }[];
  readonly power: { readonly pricePerKwh: number; readonly pueRatio: number } | undefined;
}

/** Reads the text of a rate card; what is wrong is told with its place, as in every other YAML file. */
export function parseRateCard(file: { readonly text: string; readonly path: string }): {
  readonly card?: RateCard;
  readonly problems: readonly Problem[];
} {
  const parsed = parseYaml({ ...file, code: 'RATE_CARD_INVALID' });
  if (parsed.kind === 'unreadable') return { problems: parsed.problems };
  const [document] = parsed.documents;
  if (document === undefined) return { problems: [emptyCard(file.path)] };
  const checked = validateParsed<Omit<RateCard, 'currency'> & { readonly currency: string }>(document, {
    schema: rateCardSchema,
    code: 'RATE_CARD_INVALID',
  });
  if (checked.kind === 'invalid') return { problems: checked.problems };
  const { currency, clusters, gpuHourPrices, power } = checked.value;
  const models = gpuHourPrices.map(({ model }) => model);
  const twice = models.find((model, index) => models.indexOf(model) !== index);
  if (twice !== undefined) return { problems: [pricedTwice(file.path, twice)] };
  return { card: { currency: currencyCode(currency), clusters, gpuHourPrices, power }, problems: [] };
}

function emptyCard(path: string): Problem {
  return {
    code: 'RATE_CARD_INVALID',
    severity: 'error',
    place: { kind: 'file', path },
    message: 'The rate card is empty. Nothing of it is used.',
    remedy: 'Write currency and gpuHourPrices into it. See docs/billing.md.',
  };
}

function pricedTwice(path: string, model: string): Problem {
  return {
    code: 'RATE_CARD_INVALID',
    severity: 'error',
    place: { kind: 'file', path },
    message: `gpuHourPrices has two prices for ${model}. Nothing of the rate card is used.`,
    remedy: 'Keep one of them; for prices that differ by cluster write one rate card for each and list its clusters.',
  };
}
