export { FileRefused, ingestFiles, truncated, type FileLoad } from './ingest-files.ts';
export { listedProblemsMax, type IngestedFile, type IngestResult } from './ingest-result.ts';
export { firstBytes, lastBytes } from './stage-file.ts';
