import { bisectLeft, quantileSorted } from 'd3-array';

/** The median of the last `size` values that were pushed. A push costs O(size), reading the median O(1). */
export class TrailingMedian {
  private readonly arrived: number[] = [];
  private readonly sorted: number[] = [];
  private readonly size: number;

  constructor(size: number) {
    this.size = size;
  }

  push(value: number): void {
    this.arrived.push(value);
    this.sorted.splice(bisectLeft(this.sorted, value), 0, value);
    const oldest = this.arrived.length > this.size ? this.arrived.shift() : undefined;
    if (oldest !== undefined) this.sorted.splice(bisectLeft(this.sorted, oldest), 1);
  }

  /** Undefined before the first value. */
  median(): number | undefined {
    return quantileSorted(this.sorted, 0.5);
  }
}
