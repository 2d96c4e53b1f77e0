export { fetchObjects } from './fetch-objects.ts';
export { storeOf, type ObjectStorageSettings } from './settings.ts';
