/**
 * Writes test/fixtures/gitops/crds/ from the projects' own definitions:
 * `npx tsx scripts/make-definition-fixtures.ts MODULE-CACHE PACKAGES`. Its README says what lies in the two folders.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { modelSchema, readModels } from './definition-fixtures/models.ts';
import { catalogueRows, type Row } from './definition-fixtures/row-fields.ts';
import { trimSchema, type Definition, type Schema } from './definition-fixtures/schema.ts';
import { definitionFiles, modelSources, type ModelSource } from './definition-fixtures/sources.ts';

const fixtures = 'test/fixtures/gitops/crds';

interface CustomResourceDefinition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

/** The definitions in a file of kinds that the catalogue has. */
async function readDefinitions(file: string): Promise<readonly Definition[]> {
  const documents = parseAllDocuments(await readFile(file, 'utf8'));
  return documents
    .map((document) => (document.toJS() as CustomResourceDefinition).spec)
    .map(({ group, names, versions }) => ({
      group,
      kind: names.kind,
      versions: versions.map(({ name, schema }) => ({ name, openAPIV3Schema: schema.openAPIV3Schema })),
    }))
    .filter((definition) => rowsOf(definition).length > 0);
}

async function readModel(packages: string, source: ModelSource): Promise<Definition> {
  const { group, kind, version: name, folder, className } = source;
  const models = await readModels(path.join(packages, folder));
  return { group, kind, versions: [{ name, openAPIV3Schema: modelSchema(models, className) }] };
}

function rowsOf({ group, kind }: Definition): readonly Row[] {
  return catalogueRows.filter((row) => row.group === group && row.kind === kind);
}

/** What the rows of the kind read, in the versions that they name. */
function trimmed(definition: Definition): Definition {
  const { group, kind, versions } = definition;
  const rows = rowsOf(definition);
  const fields = rows.flatMap((row) => row.fields.map(({ field }) => field));
  return {
    kind,
    group,
    versions: versions
      .filter(({ name }) => rows.some((row) => row.versions.includes(name)))
      .map(({ name, openAPIV3Schema: { type, properties = {} } }) => {
        const { metadata = { type: 'object' }, spec = {} } = properties;
        return { name, openAPIV3Schema: trimSchema({ type, properties: { metadata, spec } }, fields) };
      }),
  };
}

/** The definitions of each kind as one: a package of models may have only some of its versions. */
function merged(definitions: readonly Definition[]): readonly Definition[] {
  const byKind = new Map<string, Definition>();
  for (const { group, kind, versions } of definitions) {
    const key = `${group}_${kind}`;
    byKind.set(key, { kind, group, versions: [...(byKind.get(key)?.versions ?? []), ...versions] });
  }
  return [...byKind.values()];
}

const [moduleCache, packages] = process.argv.slice(2);
if (moduleCache === undefined || packages === undefined) {
  throw new Error('name two folders: the Go module cache, and the unpacked packages');
}
const inModules = await Promise.all(definitionFiles.map((file) => readDefinitions(path.join(moduleCache, file))));
const inPackages = await Promise.all(modelSources.map((source) => readModel(packages, source)));
for (const definition of merged([...inModules.flat(), ...inPackages].map(trimmed))) {
  const file = path.join(fixtures, `${definition.group}_${definition.kind.toLowerCase()}s.json`);
  await writeFile(file, `${JSON.stringify(definition, undefined, 1)}\n`);
  console.log(`wrote ${file}`);
}
