/** Fails when a room of src/ imports from a room it may not know, or around another room's index.ts. */
import { readLayers, findLayerViolations } from './layers.ts';

const modules = await readLayers('src');
if (modules.length === 0) throw new Error('no module was read under src/: the check would pass on anything');
const violations = findLayerViolations(modules);
for (const violation of violations) console.error(violation);
const imports = modules.reduce((sum, module) => sum + module.imports.length, 0);
console.log(`layers: ${modules.length} modules, ${imports} imports read, ${violations.length} violations`);
process.exitCode = violations.length === 0 ? 0 : 1;
