/** Checks of releases that are run by declared commands, and of the families that run them. */
import { checkCall } from './check-bootstrap.ts';
import type { Subject } from './check-subject.ts';
import type { DeclaredCommands } from './commands.ts';
import { at } from './document-path.ts';
import type { Finding } from './document-path.ts';
import type { FamilyDefinition } from './family.ts';
import type { ReleaseReference } from './release.ts';

/** Checks of every release as the document names it. */
export function checkReleases({ document }: Subject): Finding[] {
  return Object.entries(document.releases).flatMap(([name, reference]) => [
    ...checkVersion(name, reference),
    ...(reference.commands === undefined ? [] : checkQuestions(name, reference.commands)),
  ]);
}

/** An OTP release says its version itself; an archive of any shape cannot. */
function checkVersion(name: string, reference: ReleaseReference): Finding[] {
  if (!('file' in reference)) return [];
  const { version, commands } = reference;
  if (commands !== undefined && version === undefined)
    return [at(['releases', name], 'a release with commands needs a version', 'version: 3.10.8')];
  if (commands === undefined && version !== undefined)
    return [
      at(['releases', name, 'version'], 'an OTP release says its version itself', 'leave it out, or add commands'),
    ];
  return [];
}

function checkQuestions(name: string, commands: DeclaredCommands): Finding[] {
  return (['probe', 'stop'] as const).flatMap((key) => {
    const question = commands[key];
    if (question === undefined || typeof question === 'string') return [];
    return checkCall(['releases', name, 'commands', key, 'call'], question.call);
  });
}

/** Checks of one family that runs such a release. */
export function checkCommandFamily({ document }: Subject, name: string, family: FamilyDefinition): Finding[] {
  const commands = document.releases[family.release]?.commands;
  if (commands === undefined) return [];
  const settings = (['sysConfig', 'vmArgs'] as const).filter((key) => family.config?.[key] !== undefined);
  const findings = settings.map((key) =>
    at(
      ['families', name, 'config', key],
      `a node that is run by commands takes no ${key}`,
      'give it environment variables (env), which its start command may use',
    ),
  );
  const needsStatus = commands.status === undefined && family.mesh !== 'none';
  const message = `nobody can tell what nodes of "${family.release}" see: it declares no status command`;
  const hint = 'declare commands.status, or say mesh: none';
  return needsStatus ? [...findings, at(['families', name, 'mesh'], message, hint)] : findings;
}
