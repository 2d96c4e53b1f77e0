import { readFile } from 'node:fs/promises';
import { ProblemError, type Problem } from '../domain/index.ts';
import { parseYaml, validateParsed, type JsonSchema } from '../schema/index.ts';
import { gpuModels } from './gpu-models.ts';

const priceKinds = ['on-demand', 'spot', 'reserved-1y', 'reserved-3y'] as const;
export type PriceKind = (typeof priceKinds)[number];

/** USD per hour by instance type, region and kind. */
export type PricesByType = Readonly<
  Record<string, Readonly<Record<string, Readonly<Partial<Record<PriceKind, number>>>>>>
>;

/** Types and prices of the operator's own, or as `flyball catalogue refresh` found them. */
export interface PriceFile {
  /** UTC day on which the prices were listed. */
  readonly date: string;
  readonly source: string;
  /** By provider and instance type. */
  readonly instances: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          { readonly vcpus: number; readonly memoryGib: number; readonly gpu: string; readonly gpuCount: number }
        >
      >
    >
  >;
  /** By provider, instance type, region and kind. */
  readonly prices: Readonly<Record<string, PricesByType>>;
}

const name = { type: 'string', maxLength: 128, pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', 'x-expected': 'a name' };

function mapOf(value: JsonSchema): JsonSchema {
  return { type: 'object', propertyNames: name, additionalProperties: value };
}

const schema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'price file',
  type: 'object',
  additionalProperties: false,
  required: ['date', 'source'],
  properties: {
    date: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$', 'x-expected': 'a day such as 2026-11-20' },
    source: { type: 'string', minLength: 1, maxLength: 200 },
    instances: {
      default: {},
      ...mapOf(
        mapOf({
          type: 'object',
          additionalProperties: false,
          required: ['vcpus', 'memoryGib', 'gpu', 'gpuCount'],
          properties: {
            vcpus: { type: 'number', exclusiveMinimum: 0 },
            memoryGib: { type: 'number', exclusiveMinimum: 0 },
            gpu: { type: 'string', enum: gpuModels.map((model) => model.name) },
            gpuCount: { type: 'integer', minimum: 1 },
          },
        }),
      ),
    },
    prices: {
      default: {},
      ...mapOf(
        mapOf(
          mapOf({
            type: 'object',
            additionalProperties: false,
            properties: Object.fromEntries(
              priceKinds.map((kind) => [kind, { type: 'number', exclusiveMinimum: 0, 'x-unit': 'USD/hour' }]),
            ),
          }),
        ),
      ),
    },
  },
};

/** Reads a price file, YAML or JSON. Its problems name line and column. @throws nothing for what is in the file. */
export async function readPriceFile(
  path: string,
): Promise<{ readonly file: PriceFile | undefined; readonly problems: readonly Problem[] }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { file: undefined, problems: [unreadable(path, reason).problem] };
  }
  const parsed = parseYaml({ text, path, code: 'CONFIG_INVALID' });
  if (parsed.kind === 'unreadable') return { file: undefined, problems: parsed.problems };
  const [document] = parsed.documents;
  if (document === undefined) return { file: undefined, problems: [unreadable(path, 'it is empty').problem] };
  const checked = validateParsed<PriceFile>(document, { schema, code: 'CONFIG_INVALID' });
  return checked.kind === 'invalid'
    ? { file: undefined, problems: checked.problems }
    : { file: checked.value, problems: [] };
}

function unreadable(path: string, reason: string): ProblemError {
  return new ProblemError({
    code: 'CONFIG_UNREADABLE',
    severity: 'error',
    place: { kind: 'file', path },
    message: `The price file cannot be read (${reason}); prices of the shipped catalogue are used.`,
    remedy: 'Correct catalogue.prices in flyball.yml, or make the file with flyball catalogue refresh.',
  });
}
