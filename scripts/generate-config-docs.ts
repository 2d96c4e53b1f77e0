/** Writes the field references in docs/ and the published schemas in docs/schema/ from the schemas of the code. */
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { publishedSchemas, references, replaceReference } from './schema-reference.ts';

for (const { page, name, schema } of references) {
  await writeFile(page, replaceReference(await readFile(page, 'utf8'), name, schema));
  console.log(`wrote the reference of ${name} in ${page}`);
}
for (const { file, schema } of publishedSchemas) {
  await writeFile(file, JSON.stringify(schema));
  console.log(`wrote ${file}`);
}
const biome = 'node_modules/@biomejs/biome/bin/biome';
spawnSync(process.execPath, [biome, 'format', '--write', 'docs/schema'], { stdio: 'inherit' });
