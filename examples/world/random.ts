/** A seeded stream of numbers in [0, 1): mulberry32 over an FNV-1a hash of the seed text. The world needs no better one. */
export function seededRandom(seed: string): () => number {
  let state = 0x811c9dc5;
  for (const character of seed) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Kubernetes draws suffixes from letters without vowels, and digits (k8s.io/apimachinery/pkg/util/rand). */
export function podSuffix(seed: string, length: number): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  const random = seededRandom(seed);
  return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
}

export function hexDigits(seed: string, length: number): string {
  const random = seededRandom(seed);
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
}

/** Sixteen capital letters and digits, as AWS names SKUs. */
export function skuId(seed: string): string {
  const alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
  const random = seededRandom(`sku/${seed}`);
  return Array.from({ length: 16 }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
}
