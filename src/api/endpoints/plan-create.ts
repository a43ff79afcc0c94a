import { checkReferences } from '../../model/check-references.ts';
import type { BlueprintDocument } from '../../model/blueprint.ts';
import { PlanRequest } from '../../model/exchange.ts';
import { Plan } from '../../model/plan.ts';
import { readLinks } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { Created } from '../answer.ts';
import { endpoint } from '../endpoint.ts';
import { documentSubject } from '../subject.ts';
import { all } from '../find.ts';
import { InvalidInput } from '../invalid-input.ts';
import { within } from '../within.ts';

/** Says what applying a document would do, and why. Nothing but the plan itself is written. */
export const planCreate = endpoint({
  operation: 'createPlan',
  method: 'POST',
  path: '/plans',
  role: 'operate',
  about: 'document',
  summary: 'Plans what applying a blueprint would do, with reasons; the plan can then be adopted',
  repeatable: true,
  subject: documentSubject,
  body: PlanRequest,
  answer: Plan,
  creates: true,
  async handle({ body: { document, cause = 'apply', revision }, matched, signal }, context) {
    await refuseIfFaulty(context.store, document);
    const what = `the plan for ${document.name}`;
    return new Created(
      await within(context, what, signal, (inner) =>
        context.ports.plan({ document, cause, basedOn: revision ?? matched }, inner),
      ),
    );
  },
});

async function refuseIfFaulty(store: Store, document: BlueprintDocument): Promise<void> {
  const { map, destroying } = await readLinks(store);
  // what is being destroyed will not miss anything
  const blueprints = [...map.documents.values()].filter(({ name }) => !destroying.has(name));
  const known = { providers: await all(store, 'provider'), domains: await all(store, 'domain'), blueprints };
  const faults = checkReferences(document, known).map((fault) => ({ ...fault, path: `document.${fault.path}` }));
  const [first] = faults;
  if (first !== undefined)
    throw new InvalidInput(`blueprint ${document.name}: ${first.path}: ${first.message}`, faults);
}
