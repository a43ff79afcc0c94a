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

/** A node that runs now, and the OTP major that it runs on. */
export interface Running {
  readonly name: string;
  readonly family: string;
  readonly otp: string | null;
  /** of another blueprint: the family of this one that is linked with it */
  readonly linked?: boolean;
}

/**
 * What keeps the document from being applied with these releases, in words; null when nothing does. Nodes that run now are
 * changed a few at a time, so that old and new ones must connect, too. So must nodes of other blueprints that are linked.
 */
export function incompatibility(
  document: BlueprintDocument,
  releases: readonly Inspected[],
  running: readonly Running[] = [],
): string | null {
  return notOtp(document, releases) ?? tooFarApart(document, releases, running);
}

function notOtp(document: BlueprintDocument, releases: readonly Inspected[]): string | null {
  const lacking = releases.find(
    ({ name, inspection }) => inspection.kind === 'commands' && document.releases[name]?.commands === undefined,
  );
  if (lacking === undefined) return null;
  return `release ${lacking.name} is no OTP release, and the blueprint declares no commands that run it`;
}

/** One of a component and the OTP major that it runs on. */
interface OnMajor {
  readonly words: string;
  readonly major: number;
}

function tooFarApart(
  document: BlueprintDocument,
  releases: readonly Inspected[],
  running: readonly Running[],
): string | null {
  const majors = new Map(releases.map(({ name, inspection }) => [name, Number(inspection.otp ?? NaN)]));
  for (const { families } of components(document)) {
    const planned = families.map((family): OnMajor => {
      const release = document.families[family]?.release ?? '';
      const major = majors.get(release) ?? NaN;
      return { words: `family ${family} (release ${release}, OTP ${major})`, major };
    });
    const present = running.filter(({ family }) => families.includes(family));
    // a node that stands alone meets nobody of another version
    const others = present.length > 1 || present.some(({ linked }) => linked === true) ? present : [];
    const now = others.map(({ name, otp }): OnMajor => ({
      words: `node ${name}, which runs on OTP ${otp ?? '?'} now`,
      major: Number(otp ?? NaN),
    }));
    const known = [...planned, ...now].filter(({ major }) => !Number.isNaN(major)).sort((a, b) => a.major - b.major);
    const [oldest, newest] = [known.at(0), known.at(-1)];
    if (oldest !== undefined && newest !== undefined && newest.major - oldest.major > majorsApart)
      return `${oldest.words} and ${newest.words} are linked, and nodes of OTP majors more than ${majorsApart} apart do not connect`;
  }
  return null;
}
