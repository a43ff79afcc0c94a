/** A benchmark: measures, tells people what it sees on standard error, and answers its figures. */
export interface Benchmark {
  readonly what: string;
  run(say: (line: string) => void): Promise<Readonly<Record<string, number>>>;
}
