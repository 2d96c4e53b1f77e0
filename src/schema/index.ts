export { describeExpectation, displayValue } from './expectation.ts';
export { hasType, schemaAt, type JsonSchema, type ValuePath } from './json-schema.ts';
export { locate } from './locate.ts';
export { documentBytesMax, parseYaml, type YamlDocument, type YamlFile } from './parse-yaml.ts';
export { fieldName, quoted } from './quoted.ts';
export { placeAt, toProblem, type Complaint, type FilePlace } from './source-text.ts';
export { validateDocument, validateParsed, type Validation, type ValidationRules } from './validate-document.ts';
