/**
 * The smallest writer of Prometheus remote write 1.0 that fills a test server: a protobuf WriteRequest in snappy's block
 * format, uncompressed (literals only). https://prometheus.io/docs/specs/prw/remote_write_spec/
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
export interface WrittenSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since 1970 and value, ascending. */
  readonly samples: readonly (readonly [number, number])[];
}

export async function remoteWrite(url: string, series: readonly WrittenSeries[]): Promise<void> {
  const answer = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: {
      'Content-Encoding': 'snappy',
      'Content-Type': 'application/x-protobuf',
      'X-Prometheus-Remote-Write-Version': '0.1.0',
    },
    body: new Uint8Array(snappyLiterals(Buffer.concat(series.map((one) => field(1, encodeSeries(one)))))),
  });
  if (!answer.ok) throw new Error(`remote write: HTTP ${answer.status} ${await answer.text()}`);
}

function encodeSeries({ labels, samples }: WrittenSeries): Buffer {
  const parts = Object.entries(labels)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))])));
  for (const [atMs, value] of samples) {
    const time = varint(atMs);
    const sample = Buffer.alloc(10 + time.length);
    sample[0] = 0x09;
    sample.writeDoubleLE(value, 1);
    sample[9] = 0x10;
    time.copy(sample, 10);
    parts.push(field(2, sample));
  }
  return Buffer.concat(parts);
}

function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

function snappyLiterals(content: Buffer): Buffer {
  const parts: Buffer[] = [varint(content.length)];
  const literalMax = 65_536;
  for (let from = 0; from < content.length; from += literalMax) {
    const literal = content.subarray(from, from + literalMax);
    const header = Buffer.alloc(3);
    header[0] = 61 << 2;
    header.writeUInt16LE(literal.length - 1, 1);
    parts.push(header, literal);
  }
  return Buffer.concat(parts);
}
