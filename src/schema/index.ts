export { describeExpectation } from './expectation.ts';
export type { JsonSchema, ValuePath } from './json-schema.ts';
export { locate } from './locate.ts';
export { documentBytesMax, parseYaml, type YamlDocument, type YamlFile } from './parse-yaml.ts';
export { fieldName, quoted } from './quoted.ts';
export { placeAt, toProblem, type FilePlace } from './source-text.ts';
export { validateDocument, validateParsed } from './validate-document.ts';
