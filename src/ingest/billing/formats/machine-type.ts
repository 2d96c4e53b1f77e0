/** EC2 usage types of machines, such as `USW2-BoxUsage:g6.xlarge`. */
export const usageTypePattern = String.raw`(?:BoxUsage|SpotUsage|DedicatedUsage|HostBoxUsage|Reservation):([a-z0-9-]+\.[a-z0-9-]+)`;

/** EC2 (`p5.48xlarge`, `m7i-flex.large`) and Google accelerator and general machines (`a3-highgpu-8g`). */
export const machineNamePattern = String.raw`\b([a-z][a-z0-9-]{0,12}\.(?:nano|micro|small|medium|large|[0-9]*xlarge|metal(?:-[0-9a-z]+)?)|(?:a2|a3|a4|a4x|g2|g4|n1|n2|n2d|n4|e2|c2|c2d|c3|c3d|c4|m1|m2|m3)-[a-z]+-[0-9]+g?)\b`;

/** The machine type behind the colon of an EC2 usage type. */
export function ofUsageType(text: string): string {
  return `nullif(regexp_extract(${text}, '${usageTypePattern}', 1), '')`;
}

/** The only machine name in a text; NULL when there is none or several. */
export function onlyNameIn(text: string): string {
  return `CASE WHEN len(regexp_extract_all(${text}, '${machineNamePattern}')) = 1
    THEN regexp_extract(${text}, '${machineNamePattern}', 1) END`;
}
