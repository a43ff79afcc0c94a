import { CheckAnswer, CheckRequest } from '../../model/exchange.ts';
import { readBlueprint } from '../../model/blueprint-reader.ts';
import { checkReferences } from '../../model/check-references.ts';
import { endpoint } from '../endpoint.ts';
import { all } from '../find.ts';

/** What `wombat validate` says, against the providers and domains that are registered here. Faults are an answer, not an error. */
export const blueprintCheck = endpoint({
  operation: 'checkBlueprint',
  method: 'POST',
  path: '/blueprints/check',
  role: 'operate',
  about: 'shared',
  summary:
    'Reads a blueprint as it is written (YAML), and answers what is wrong with it by line and column, or the document',
  repeatable: true,
  body: CheckRequest,
  answer: CheckAnswer,
  async handle({ body: { text, file = 'blueprint.yaml' } }, { store }) {
    const reading = readBlueprint(text, file);
    if (!reading.ok) return { faults: [...reading.faults], document: null };
    const known = { providers: await all(store, 'provider'), domains: await all(store, 'domain') };
    const faults = checkReferences(reading.document, known, reading.locate);
    return { faults: [...faults], document: faults.length > 0 ? null : reading.document };
  },
});
