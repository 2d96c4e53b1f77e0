declare const brand: unique symbol;

/** A primitive that only its own constructor can make: `Brand<string, 'WorkloadId'>`. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
