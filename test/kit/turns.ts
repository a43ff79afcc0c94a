/** Whether control planes of one database wrote in turn, by what stands beside each event: its share, and under which number it was written. */
import type { RealPostgres } from './real-postgres.ts';

/** How many events of a share were written under an old number once there was one under a newer number. */
export function outOfTurn(server: RealPostgres, url: string): number {
  const text = `SELECT count(*) FROM (SELECT fence, max(fence) OVER (PARTITION BY share ORDER BY sequence) AS newest
    FROM event WHERE fence IS NOT NULL) AS written WHERE fence < newest`;
  return Number(server.run(url, text).trim());
}
