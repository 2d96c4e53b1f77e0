import { firstBytes } from '../source-files/index.ts';
import { knownColumnCount } from './detect-format.ts';

export interface CsvHeader {
  readonly delimiter: string;
  readonly names: readonly string[];
}

/** A header longer than this is no header. */
const headerBytesMax = 2 ** 20;

const delimiters = [',', ';', '\t', '|'] as const;

/** Reads the first record of a CSV file with the delimiter under which it names most known columns. */
export async function readCsvHeader(file: string): Promise<CsvHeader> {
  const text = (await firstBytes(file, headerBytesMax)).toString('utf8').replace(/^\uFEFF/, '');
  const headers = delimiters.map((delimiter) => ({ delimiter, names: splitFirstRecord(text, delimiter) }));
  return headers.reduce((best, header) =>
    knownColumnCount(header.names) > knownColumnCount(best.names) ? header : best,
  );
}

/** The fields of the first record by RFC 4180: quotes double inside quoted fields. */
function splitFirstRecord(text: string, delimiter: string): readonly string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (quoted && character === '"' && text.charAt(index + 1) === '"') {
      field += '"';
      index += 1;
    } else if (character === '"') quoted = !quoted;
    else if (quoted) field += character;
    else if (character === delimiter) {
      fields.push(field);
      field = '';
    } else if (character === '\n' || character === '\r') break;
    else field += character;
  }
  return [...fields, field].map((name) => name.trim());
}
