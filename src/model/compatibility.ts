/** Whether releases can be in one cluster, and be run at all as the blueprint says. Pure: from the document and what was inspected. */
import type { BlueprintDocument } from './blueprint.ts';
import { components } from './component.ts';
import type { Inspection } from './release.ts';

/** OTP majors that talk to each other lie at most so far apart ("Upgrading", System Principles of OTP's documentation). */
const majorsApart = 2;

/** A release as far as its fitting together goes. */
export interface Inspected {
  /** as the blueprint names it */
  readonly name: string;
  readonly inspection: Pick<Inspection, 'kind' | 'otp'>;
}

/** What keeps the document from being applied with these releases, in words; null when nothing does. */
export function incompatibility(document: BlueprintDocument, releases: readonly Inspected[]): string | null {
  return notOtp(document, releases) ?? tooFarApart(document, releases);
}

function notOtp(document: BlueprintDocument, releases: readonly Inspected[]): string | null {
  const lacking = releases.find(
    ({ name, inspection }) => inspection.kind === 'commands' && document.releases[name]?.commands === undefined,
  );
  if (lacking === undefined) return null;
  return `release ${lacking.name} is no OTP release, and the blueprint declares no commands that run it`;
}

/** One family of a component and the OTP major that it runs on. */
interface OnMajor {
  readonly family: string;
  readonly release: string;
  readonly major: number;
}

function tooFarApart(document: BlueprintDocument, releases: readonly Inspected[]): string | null {
  const majors = new Map(releases.map(({ name, inspection }) => [name, Number(inspection.otp ?? NaN)]));
  for (const { families } of components(document)) {
    const known = families
      .map((family): OnMajor => {
        const release = document.families[family]?.release ?? '';
        return { family, release, major: majors.get(release) ?? NaN };
      })
      .filter(({ major }) => !Number.isNaN(major))
      .sort((a, b) => a.major - b.major);
    const [oldest, newest] = [known.at(0), known.at(-1)];
    if (oldest !== undefined && newest !== undefined && newest.major - oldest.major > majorsApart)
      return (
        `families ${oldest.family} (release ${oldest.release}, OTP ${oldest.major}) and ${newest.family} (release ` +
        `${newest.release}, OTP ${newest.major}) are linked, and nodes of OTP majors more than ${majorsApart} apart do not connect`
      );
  }
  return null;
}
