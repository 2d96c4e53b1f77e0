import { awsAccount, emptyAwsRow, usageRow, type AwsRow } from './aws-row.ts';
import { billingDays, billingStart, hourMs } from './calendar.ts';
import { seededRandom } from './random.ts';

const dayMs = 24 * hourMs;

interface Service {
  readonly name: readonly [string, string];
  readonly meter: string;
  readonly operation: string;
  readonly unit: string;
  readonly unitPrice: number;
  /** Mean use of a day. */
  readonly quantity: number;
  /** How much a day differs from the mean. */
  readonly spreadRatio: number;
  readonly resource: string | null;
  readonly region?: string;
}

/** Prices: AWS's public price pages for us-east-1, rounded. */
const services: readonly Service[] = [
  {
    name: ['Amazon Elastic Kubernetes Service', 'Compute'],
    meter: 'AmazonEKS-Hours:perCluster',
    operation: 'CreateOperation',
    unit: 'Hours',
    unitPrice: 0.1,
    quantity: 24,
    spreadRatio: 0,
    resource: `arn:aws:eks:us-east-1:${awsAccount}:cluster/prod-us`,
  },
  {
    name: ['Amazon Elastic Kubernetes Service', 'Compute'],
    meter: 'USW2-AmazonEKS-Hours:perCluster',
    operation: 'CreateOperation',
    unit: 'Hours',
    unitPrice: 0.1,
    quantity: 24,
    spreadRatio: 0,
    resource: `arn:aws:eks:us-west-2:${awsAccount}:cluster/staging`,
    region: 'us-west-2',
  },
  {
    name: ['Amazon Elastic Block Store', 'Storage'],
    meter: 'EBS:VolumeUsage.gp3',
    operation: 'CreateVolume-Gp3',
    unit: 'GB-Months',
    unitPrice: 0.08,
    quantity: 640,
    spreadRatio: 0.02,
    resource: null,
  },
  {
    name: ['Amazon Simple Storage Service', 'Storage'],
    meter: 'TimedStorage-ByteHrs',
    operation: 'StandardStorage',
    unit: 'GB-Months',
    unitPrice: 0.023,
    quantity: 3830,
    spreadRatio: 0.01,
    resource: 'arn:aws:s3:::example-corp-datasets',
  },
  {
    name: ['Amazon Virtual Private Cloud', 'Networking'],
    meter: 'NatGateway-Bytes',
    operation: 'NatGateway',
    unit: 'GB',
    unitPrice: 0.045,
    quantity: 530,
    spreadRatio: 0.3,
    resource: `arn:aws:ec2:us-east-1:${awsAccount}:natgateway/nat-0a1b2c3d4e5f60718`,
  },
  {
    name: ['AWS Data Transfer', 'Networking'],
    meter: 'DataTransfer-Out-Bytes',
    operation: 'RunInstances',
    unit: 'GB',
    unitPrice: 0.09,
    quantity: 390,
    spreadRatio: 0.25,
    resource: null,
  },
];

/** What an account pays besides machines, day by day; none of it belongs to a workload. */
export function* awsServiceRows(): Generator<AwsRow> {
  for (let day = 0; day < billingDays; day += 1) {
    const start = billingStart + day * dayMs;
    for (const service of services) {
      const random = seededRandom(`${service.meter}/${day}`)();
      const quantity = Number((service.quantity * (1 + service.spreadRatio * (2 * random - 1))).toFixed(4));
      const { unit, unitPrice, name, meter } = service;
      const description = `$${unitPrice} per ${unit} of ${meter}`;
      yield {
        ...usageRow(start, start + dayMs, {
          quantity,
          unit,
          unitPrice,
          service: name,
          meter,
          description,
          region: service.region ?? 'us-east-1',
        }),
        ResourceId: service.resource,
        x_Operation: service.operation,
      };
    }
  }
  yield* oneOffRows();
}

/** Tax of each month, one credit, and one refund of what an earlier bill had too much. */
function* oneOffRows(): Generator<AwsRow> {
  const oneOff = (day: number, amount: number, rest: Partial<AwsRow>): AwsRow => ({
    ...emptyAwsRow(billingStart + day * dayMs, billingStart + (day + 1) * dayMs),
    BilledCost: amount,
    ChargeFrequency: 'One-Time',
    EffectiveCost: amount,
    ...rest,
  });
  for (const [day, amount] of [
    [28, 312.44],
    [59, 327.9],
  ] as const) {
    yield oneOff(day, amount, {
      ChargeCategory: 'Tax',
      ChargeDescription: 'Sales tax',
      ContractedCost: amount,
      ListCost: amount,
      RegionId: null,
      ServiceName: 'Tax',
    });
  }
  yield oneOff(40, -500, {
    ChargeCategory: 'Credit',
    ChargeDescription: 'Migration credit',
    RegionId: null,
  });
  yield oneOff(47, -18.73, {
    ChargeClass: 'Correction',
    ChargeDescription: 'Data transfer counted twice in an earlier bill',
    ContractedCost: -18.73,
    ListCost: -18.73,
    ServiceCategory: 'Networking',
    ServiceName: 'AWS Data Transfer',
  });
}
