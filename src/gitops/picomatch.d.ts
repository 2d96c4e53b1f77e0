/** The part of picomatch 4 that is used; the package ships no types. */
declare module 'picomatch' {
  interface PicomatchOptions {
    readonly bash: boolean;
    readonly dot: boolean;
    readonly noextglob: boolean;
    readonly nonegate: boolean;
    readonly strictSlashes: boolean;
    readonly maxLength: number;
  }
  export default function picomatch(pattern: string, options: PicomatchOptions): (path: string) => boolean;
}
